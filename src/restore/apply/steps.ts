import type { ApplyContext } from './context.ts';
import { applyCommunityPackages } from './items/community-packages.ts';
import { applyUsers } from './items/users.ts';
import { applyProjects } from './items/projects.ts';
import { applyFolders } from './items/folders.ts';
import { applyTags } from './items/tags.ts';
import { applyVariables } from './items/variables.ts';
import { applyCredentials } from './items/credentials.ts';
import { applyTables } from './items/tables.ts';
import { applyRows } from './items/rows.ts';
import { createWorkflows } from './workflows/create-workflows.ts';
import { updateWorkflows } from './workflows/update-workflows.ts';
import { applyWorkflowTags } from './workflows/workflow-tags.ts';
import { archiveWorkflows, publishWorkflows, unarchiveWorkflows } from './workflows/publish-and-archive.ts';
import { deleteItems, unpublishDeleted } from './delete.ts';
import { addTemporaryCredentials, removeTemporaryCredentials } from './items/temporary-credentials.ts';

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
  { label: 'references to missing credentials', run: addTemporaryCredentials },
  { label: 'archived workflows', run: unarchiveWorkflows },
  { label: 'new workflows', run: createWorkflows },
  { label: 'changed workflows', run: updateWorkflows },
  { label: 'tags of workflows', run: applyWorkflowTags },
  { label: 'workflows to be deleted', run: unpublishDeleted },
  { label: 'publishing', run: publishWorkflows },
  { label: 'archiving', run: archiveWorkflows },
  { label: 'temporary credentials', run: removeTemporaryCredentials },
  { label: 'deletions', run: deleteItems },
];
