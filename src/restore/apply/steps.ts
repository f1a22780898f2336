import { RESTORE_ORDER, type Kind } from '../../kinds/kinds.ts';
import type { ApplyContext } from './context.ts';
import { applyPackages } from './items/packages.ts';
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

/** How each kind is applied. */
const APPLIERS: Readonly<Record<Kind, readonly Step[]>> = {
  workflows: [
    { label: 'references to missing credentials', run: addTemporaryCredentials },
    { label: 'archived workflows', run: unarchiveWorkflows },
    { label: 'new workflows', run: createWorkflows },
    { label: 'changed workflows', run: updateWorkflows },
  ],
  credentials: [{ label: 'credentials', run: applyCredentials }],
  variables: [{ label: 'variables', run: applyVariables }],
  tags: [{ label: 'tags', run: applyTags }],
  projects: [{ label: 'projects', run: applyProjects }],
  folders: [{ label: 'folders', run: applyFolders }],
  'data-tables': [
    { label: 'data tables', run: applyTables },
    { label: 'rows', run: applyRows },
  ],
  'community-packages': [{ label: 'community packages', run: applyPackages }],
  users: [{ label: 'users', run: applyUsers }],
};

/** The order of a restore: what others refer to comes first, and what removes comes last. */
export const STEPS: readonly Step[] = [
  ...RESTORE_ORDER.flatMap((kind) => APPLIERS[kind]),
  { label: 'tags of workflows', run: applyWorkflowTags },
  { label: 'workflows to be deleted', run: unpublishDeleted },
  { label: 'publishing', run: publishWorkflows },
  { label: 'archiving', run: archiveWorkflows },
  { label: 'temporary credentials', run: removeTemporaryCredentials },
  { label: 'deletions', run: deleteItems },
];
