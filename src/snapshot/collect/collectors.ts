import type { Kind } from '../../kinds/kinds.ts';
import type { CollectContext, KindContent } from './context.ts';
import { collectCredentials } from './credentials.ts';
import { collectDataTables } from './data-tables.ts';
import { collectFolders } from './folders.ts';
import { collectCommunityPackages, collectTags, collectUsers, collectVariables } from './lists.ts';
import { collectProjects } from './projects.ts';

/** How each kind is read. */
export const COLLECTORS: Readonly<Record<Kind, (context: CollectContext) => Promise<KindContent>>> = {
  workflows: (context) => context.workflows(),
  credentials: collectCredentials,
  variables: collectVariables,
  tags: collectTags,
  projects: collectProjects,
  folders: collectFolders,
  'data-tables': collectDataTables,
  'community-packages': collectCommunityPackages,
  users: collectUsers,
};
