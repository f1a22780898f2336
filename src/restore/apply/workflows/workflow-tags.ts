import { segment } from '../../../n8n/http/types.ts';
import { isRenewed } from '../actions.ts';
import type { ApplyContext } from '../context.ts';

const AT_A_TIME = 4;

/** Gives workflows their tags: those that exist, and new ones that came without a package. */
export async function applyWorkflowTags(context: ApplyContext): Promise<void> {
  const { actions, client, ids } = context;
  const tagged = actions.present('workflows').filter((action) => {
    const { tags } = action.work;
    if (action.verb === 'create') return isRenewed(action) && tags !== null && tags.length > 0;
    return tags !== null;
  });
  const give = async (action: (typeof tagged)[number]): Promise<void> => {
    const body = presentTags(context, action.work.tags ?? []).map((id) => ({ id }));
    await client.put(`/workflows/${segment(ids.ofAction(action))}/tags`, body);
  };
  await actions.attemptEach(tagged, give, AT_A_TIME);
}

/** The ids on the target of those tags that are there. */
export function presentTags({ actions, ids, live }: ApplyContext, sourceIds: readonly string[]): string[] {
  if (sourceIds.length === 0) return [];
  const created = new Set(actions.present('tags').map(({ sourceId }) => sourceId));
  return sourceIds.flatMap((sourceId) => {
    const id = ids.of('tags', sourceId);
    return live.tags.has(id) || created.has(sourceId) ? [id] : [];
  });
}
