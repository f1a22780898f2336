import type { ApplyContext } from './context.ts';
import { applyCommunityPackages } from './community-packages.ts';
import { applyUsers } from './users.ts';
import { applyProjects } from './projects.ts';
import { applyFolders } from './folders.ts';
import { applyTags } from './tags.ts';
import { applyVariables } from './variables.ts';
import { applyCredentials } from './credentials.ts';
import { applyTables } from './tables.ts';
import { applyRows } from './rows.ts';
import { createWorkflows } from './create-workflows.ts';
import { updateWorkflows } from './update-workflows.ts';
import { applyWorkflowTags } from './workflow-tags.ts';
import { publishWorkflows } from './publish.ts';
import { archiveWorkflows, unarchiveWorkflows } from './archive.ts';
import { deleteItems, unpublishDeleted } from './delete.ts';
import { addGhosts, removeGhosts } from './ghosts.ts';

export interface Step {
  /** What it does, for the progress line. */
  readonly label: string;
  readonly run: (context: ApplyContext) => Promise<void>;
}

/** The order of a restore: what others refer to comes first, and what removes comes last. */
export const STEPS: readonly Step[] = [
  { label: 'community packages', run: applyCommunityPackages },
  { label: 'users', run: applyUsers },
  { label: 'projects', run: applyProjects },
  { label: 'folders', run: applyFolders },
  { label: 'tags', run: applyTags },
  { label: 'variables', run: applyVariables },
  { label: 'credentials', run: applyCredentials },
  { label: 'data tables', run: applyTables },
  { label: 'rows', run: applyRows },
  { label: 'references to missing credentials', run: addGhosts },
  { label: 'archived workflows', run: unarchiveWorkflows },
  { label: 'new workflows', run: createWorkflows },
  { label: 'changed workflows', run: updateWorkflows },
  { label: 'tags of workflows', run: applyWorkflowTags },
  { label: 'workflows to be deleted', run: unpublishDeleted },
  { label: 'publishing', run: publishWorkflows },
  { label: 'archiving', run: archiveWorkflows },
  { label: 'temporary credentials', run: removeGhosts },
  { label: 'deletions', run: deleteItems },
];
