import type { Kind } from '../../kinds/kinds.ts';
import { parsePackage, sortPackages } from '../../kinds/packages.ts';
import { parseTag, sortTags } from '../../kinds/tags.ts';
import { parseUser, sortUsers } from '../../kinds/users.ts';
import { parseVariable, sortVariables } from '../../kinds/variables.ts';
import { collectCredentials } from './credentials.ts';
import { collectDataTables } from './data-tables.ts';
import { collectFolders } from './folders.ts';
import { collectList, collectWhole, type Collector } from './lists.ts';
import { collectProjects } from './projects.ts';

/** How each kind is read. */
export const COLLECTORS: Readonly<Record<Kind, Collector>> = {
  workflows: (context) => context.workflows(),
  credentials: collectCredentials,
  variables: collectList(parseVariable, sortVariables),
  tags: collectList(parseTag, sortTags),
  projects: collectProjects,
  folders: collectFolders,
  'data-tables': collectDataTables,
  'community-packages': collectWhole(parsePackage, sortPackages),
  users: collectList(parseUser, sortUsers, { includeRole: true }),
};
