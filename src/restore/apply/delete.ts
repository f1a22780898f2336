import { isN8nError } from '../../n8n/http/errors.ts';
import { segment } from '../../n8n/http/types.ts';
import { systemClock } from '../../lib/time.ts';
import { KIND } from '../../kinds/kinds.ts';
import type { Action, DeleteAction } from '../plan/types.ts';
import { attempt, RefusedError } from './attempt.ts';
import type { ApplyContext } from './context.ts';
import { deleteFolder } from './items/folders.ts';
import { contentsOfProject } from './items/project-contents.ts';
import { unpublish } from './workflows/publication.ts';

/** Takes the live workflows that will be deleted out of service: others may take over their webhooks. */
export async function unpublishDeleted(context: ApplyContext): Promise<void> {
  for (const action of deletionsIn(context)) {
    if (action.live) await attempt(context, action, () => unpublish(context, action.targetId));
  }
}

/** Deletes what the plan names, in its order, and nothing else. */
export async function deleteItems(context: ApplyContext): Promise<void> {
  for (const action of deletionsIn(context))
    await attempt(context, action, () => deleteItem(context, action));
}

async function deleteItem(context: ApplyContext, action: DeleteAction): Promise<void> {
  if (action.kind === 'folders') return deleteFolder(context, action.targetId);
  const { path, prunable } = KIND[action.kind];
  if (!prunable) throw new RefusedError(`flowkeep does not delete ${action.kind}`);
  if (action.kind === 'projects') await requireEmpty(context, action);
  for (let attempts = 1; ; attempts++) {
    try {
      await context.client.delete(`${path}/${segment(action.targetId)}`, { signal: context.signal });
      return;
    } catch (error) {
      if (isN8nError(error, 'not-found')) return;
      if (!isBusy(error) || attempts >= MAX_ATTEMPTS) throw error;
      await systemClock.sleep(BUSY_MS, context.signal);
    }
  }
}

/**
 * n8n needs up to 200 ms to unpublish a workflow, and refuses to delete it meanwhile (docs/n8n-api-notes.md,
 * "Writes").
 */
const BUSY_MS = 250;
const MAX_ATTEMPTS = 20;

function isBusy(error: unknown): boolean {
  return isN8nError(error, 'conflict') && /still being unpublished/.test(error.reason ?? '');
}

async function requireEmpty(context: ApplyContext, action: DeleteAction): Promise<void> {
  const contents = await contentsOfProject(context, action.targetId);
  if (contents.length === 0) return;
  throw new RefusedError(
    `it still contains ${contents.slice(0, 5).join(', ')}${contents.length > 5 ? ', ...' : ''}, which would be deleted with it`,
    'Move or delete its contents, then delete the project in n8n.',
  );
}

function deletionsIn(context: ApplyContext): DeleteAction[] {
  return context.plan.actions.filter((action: Action): action is DeleteAction => action.verb === 'delete');
}
