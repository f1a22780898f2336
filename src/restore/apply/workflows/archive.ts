import { segment } from '../../../n8n/http/types.ts';
import { presentOf, targetIdOf } from '../actions.ts';
import { attempt } from '../attempt.ts';
import type { ApplyContext } from '../context.ts';

/** n8n changes no archived workflow, so those that are to be changed leave the archive first. */
export async function unarchiveWorkflows(context: ApplyContext): Promise<void> {
  for (const action of presentOf(context, 'workflows')) {
    const { archive } = action.work;
    if (action.verb !== 'update' || (archive !== 'unarchive' && archive !== 'around')) continue;
    await attempt(context, action, () => post(context, action.targetId, 'unarchive'));
  }
}

/** Archives what the snapshot has archived, whatever else of it succeeded. */
export async function archiveWorkflows(context: ApplyContext): Promise<void> {
  for (const action of presentOf(context, 'workflows')) {
    const { archive } = action.work;
    if (archive !== 'archive' && archive !== 'around') continue;
    await attempt(context, action, () => post(context, targetIdOf(context, action), 'archive'));
  }
}

async function post(context: ApplyContext, id: string, request: 'archive' | 'unarchive'): Promise<void> {
  const { client, signal } = context;
  await client.post(`/workflows/${segment(id)}/${request}`, {}, { signal });
}
