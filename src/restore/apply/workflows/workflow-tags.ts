import { segment } from '../../../n8n/http/types.ts';
import { presentOf, targetIdOf } from '../actions.ts';
import { attempt, forEach } from '../attempt.ts';
import type { ApplyContext } from '../context.ts';

const AT_A_TIME = 4;

/** Gives workflows their tags: those that exist, and new ones that came without a package. */
export async function applyWorkflowTags(context: ApplyContext): Promise<void> {
  await forEach(presentOf(context, 'workflows'), AT_A_TIME, async (action) => {
    const { tags } = action.work;
    const packaged = action.verb === 'create' && action.identity.as === 'original-id';
    if (tags === null || packaged || (action.verb === 'create' && tags.length === 0)) return;
    await attempt(context, action, async () => {
      const body = presentTags(context, tags).map((id) => ({ id }));
      const path = `/workflows/${segment(targetIdOf(context, action))}/tags`;
      await context.client.put(path, body, { signal: context.signal });
    });
  });
}

/** The ids on the target of those tags that are there. */
export function presentTags(context: ApplyContext, sourceIds: readonly string[]): string[] {
  if (sourceIds.length === 0) return [];
  const created = new Set(presentOf(context, 'tags').map(({ sourceId }) => sourceId));
  return sourceIds.flatMap((sourceId) => {
    const id = context.ids.idOf('tags', sourceId);
    return context.live.tags.has(id) || created.has(sourceId) ? [id] : [];
  });
}
