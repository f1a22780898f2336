import type { ApplyContext } from '../context.ts';

/** n8n changes no archived workflow, so those that are to be changed leave the archive first. */
export async function unarchiveWorkflows({ actions, workflows }: ApplyContext): Promise<void> {
  const archived = actions
    .updates('workflows')
    .filter(({ work }) => work.archive === 'unarchive' || work.archive === 'around');
  await actions.attemptEach(archived, ({ targetId }) => workflows.unarchive(targetId));
}

/** Archives what the snapshot has archived, whatever else of it succeeded. */
export async function archiveWorkflows({ actions, ids, workflows }: ApplyContext): Promise<void> {
  const archived = actions
    .present('workflows')
    .filter(({ work }) => work.archive === 'archive' || work.archive === 'around');
  await actions.attemptEach(archived, (action) => workflows.archive(ids.ofAction(action)));
}
