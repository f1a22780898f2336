import { isN8nError } from '../../n8n/http/errors.ts';
import { segment, type N8nClient } from '../../n8n/http/types.ts';
import { systemClock } from '../../lib/time.ts';
import { KIND } from '../../kinds/kinds.ts';
import type { DeleteAction } from '../plan/types.ts';
import type { ApplyContext } from './context.ts';
import { RefusedError } from '../errors.ts';
import { folderPath } from './items/folders.ts';
import { contentsOfProject } from './items/project-contents.ts';

/** Takes the live workflows that will be deleted out of service: others may take over their webhooks. */
export async function unpublishDeleted({ actions, workflows }: ApplyContext): Promise<void> {
  const live = actions.deletions().filter((action) => action.live);
  await actions.attemptEach(live, ({ targetId }) => workflows.unpublish(targetId));
}

/** Deletes what the plan names, in its order, and nothing else. */
export async function deleteItems(context: ApplyContext): Promise<void> {
  const { actions } = context;
  await actions.attemptEach(actions.deletions(), (action) => deleteItem(context, action));
}

async function deleteItem(context: ApplyContext, action: DeleteAction): Promise<void> {
  const { client, signal } = context;
  if (action.kind === 'projects') await requireEmpty(client, action);
  const path = pathOf(context, action);
  for (let attempts = 1; ; attempts++) {
    try {
      await client.delete(path);
      return;
    } catch (error) {
      if (isN8nError(error, 'not-found')) return;
      if (!isBusy(error) || attempts >= MAX_ATTEMPTS) throw error;
      await systemClock.sleep(BUSY_MS, signal);
    }
  }
}

function pathOf(context: ApplyContext, { kind, targetId }: DeleteAction): string {
  if (kind === 'folders') return folderPath(context, targetId);
  const { path, prunable } = KIND[kind];
  if (!prunable) throw new RefusedError(`flowkeep does not delete ${kind}`);
  return `${path}/${segment(targetId)}`;
}

/**
 * n8n needs up to 200 ms to unpublish a workflow, and refuses to delete it meanwhile (docs/internal/n8n-api-notes.md,
 * "Writes").
 */
const BUSY_MS = 250;
const MAX_ATTEMPTS = 20;

function isBusy(error: unknown): boolean {
  return isN8nError(error, 'conflict') && /still being unpublished/.test(error.reason ?? '');
}

async function requireEmpty(client: N8nClient, { targetId }: DeleteAction): Promise<void> {
  const contents = await contentsOfProject(client, targetId);
  if (contents.length === 0) return;
  throw new RefusedError(
    `it still contains ${contents.slice(0, 5).join(', ')}${contents.length > 5 ? ', ...' : ''}, which ` +
      'would be deleted with it',
    'Move or delete its contents, then delete the project in n8n.',
  );
}
