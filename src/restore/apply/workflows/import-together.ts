import { isN8nError } from '../../../n8n/http/errors.ts';
import type { CreateAction } from '../../plan/types.ts';
import type { Actions } from '../actions.ts';
import { endsTheRun, reasonOf } from '../errors.ts';

/**
 * Brings items back in one package, under their own ids. n8n takes all of a package or nothing, so a package that it
 * refuses is halved until each item that it refuses stands alone and is reported in n8n's own words.
 */
export async function importTogether<A extends CreateAction>(
  actions: Actions,
  some: readonly A[],
  send: (some: readonly A[]) => Promise<unknown>,
): Promise<void> {
  const [first] = some;
  if (first === undefined) return;
  if (some.length === 1) {
    await actions.attempt(first, async () => {
      await send(some);
      return first.sourceId;
    });
    return;
  }
  try {
    await send(some);
  } catch (error) {
    // A missing right or licence is the same for each of them.
    if (isN8nError(error, 'scope', 'licence', 'not-found', 'too-old')) {
      for (const { key } of some) actions.outcomes.fail(key, reasonOf(error), error.remedy);
      return;
    }
    if (!isN8nError(error) || endsTheRun(error)) throw error;
    const middle = Math.ceil(some.length / 2);
    await importTogether(actions, some.slice(0, middle), send);
    await importTogether(actions, some.slice(middle), send);
    return;
  }
  for (const action of some) actions.outcomes.done(action.key, action.sourceId);
}
