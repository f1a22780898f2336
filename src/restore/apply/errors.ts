import { InterruptedError, messageOf } from '../../lib/errors.ts';
import { isInstanceGone, isN8nError } from '../../n8n/http/errors.ts';
import { RefusedError } from '../errors.ts';

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
