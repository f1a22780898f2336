import { InterruptedError, messageOf } from '../../lib/errors.ts';
import { FlowkeepError } from '../../lib/errors.ts';
import { isInstanceGone, isN8nError } from '../../n8n/http/errors.ts';
import type { Action } from '../plan/types.ts';
import type { ApplyContext } from './context.ts';

/**
 * Does one step of one action. What fails is noted for that action and stops no other; what ends the whole run (the
 * instance is gone, the key is wrong, the user stopped it, the store refuses) is thrown on.
 * @returns whether it succeeded
 */
export async function attempt(
  context: ApplyContext,
  action: Pick<Action, 'key'>,
  step: () => Promise<string | undefined | void>,
): Promise<boolean> {
  try {
    const targetId = await step();
    context.outcomes.done(action.key, targetId ?? undefined);
    return true;
  } catch (error) {
    if (endsTheRun(error)) throw error;
    const remedy = error instanceof FlowkeepError ? error.remedy : undefined;
    context.outcomes.fail(action.key, reasonOf(error), remedy);
    return false;
  }
}

/**
 * Errors after which no other action can be done. One lost answer is none: whether it was done shows in reading back,
 * and where the instance is gone the next request says so.
 */
export function endsTheRun(error: unknown): boolean {
  if (error instanceof InterruptedError) return true;
  if (isInstanceGone(error)) return !error.maybeDone;
  return !isN8nError(error) && !(error instanceof RefusedError);
}

/** n8n's own words where there are any, without the request that they answered. */
export function reasonOf(error: unknown): string {
  if (isN8nError(error) && error.reason !== undefined) return error.reason;
  return messageOf(error);
}

/** An action that cannot be done, for a reason that flowkeep finds itself. */
export class RefusedError extends FlowkeepError {
  override readonly name = 'RefusedError';

  constructor(message: string, remedy?: string) {
    super('restore-refused', message, remedy === undefined ? {} : { remedy });
  }
}

/** Does something for each item, a few at a time, in order of start. The client bounds the rate. */
export async function forEach<T>(
  items: readonly T[],
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const workers = Array.from({ length: Math.min(atATime, items.length) }, async () => {
    for (const item of queue) await work(item);
  });
  const results = await Promise.allSettled(workers);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
