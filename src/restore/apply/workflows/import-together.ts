import { isN8nError } from '../../../n8n/http/errors.ts';
import type { CreateAction } from '../../plan/types.ts';
import { attempt, endsTheRun, reasonOf } from '../attempt.ts';
import type { ApplyContext } from '../context.ts';

/**
 * Brings items back in one package, under their own ids. n8n takes all of a package or nothing, so a package that it
 * refuses is halved until each item that it refuses stands alone and is reported in n8n's own words.
 */
export async function importTogether<A extends CreateAction>(
  context: ApplyContext,
  actions: readonly A[],
  send: (actions: readonly A[]) => Promise<unknown>,
): Promise<void> {
  const [first] = actions;
  if (first === undefined) return;
  if (actions.length === 1) {
    await attempt(context, first, async () => {
      await send(actions);
      return first.sourceId;
    });
    return;
  }
  try {
    await send(actions);
  } catch (error) {
    // A missing right or licence is the same for each of them.
    if (isN8nError(error, 'scope', 'licence', 'not-found', 'too-old')) {
      for (const { key } of actions) context.outcomes.fail(key, reasonOf(error), error.remedy);
      return;
    }
    if (!isN8nError(error) || endsTheRun(error)) throw error;
    const middle = Math.ceil(actions.length / 2);
    await importTogether(context, actions.slice(0, middle), send);
    await importTogether(context, actions.slice(middle), send);
    return;
  }
  for (const action of actions) context.outcomes.done(action.key, action.sourceId);
}
