import { segment } from '../../../n8n/http/types.ts';
import { isRenewed } from '../actions.ts';
import type { ApplyContext } from '../context.ts';

const AT_A_TIME = 4;

/** Gives workflows their tags: those that exist, and new ones that came without a package. */
export async function applyWorkflowTags({ actions, client, ids, versions }: ApplyContext): Promise<void> {
  const tagged = actions.present('workflows').filter((action) => {
    const { tags } = action.work;
    if (action.verb === 'create') return isRenewed(action) && tags !== null && tags.length > 0;
    return tags !== null;
  });
  const give = async (action: (typeof tagged)[number]): Promise<void> => {
    const body = versions.tagIds(action).map((id) => ({ id }));
    await client.put(`/workflows/${segment(ids.ofAction(action))}/tags`, body);
  };
  await actions.attemptEach(tagged, give, AT_A_TIME);
}
