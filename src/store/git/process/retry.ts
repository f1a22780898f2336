import type { Clock } from '../../../lib/time.ts';
import { GitFailure, gitSays } from './git-failure.ts';
import { meaningOf, NOT_GIT } from './git-meanings.ts';

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 200;

/**
 * Waits before the next try: twice as long each time up to 13 s, with full jitter so that several writers part. A
 * push takes about half a second, so that 20 writers then seldom meet.
 */
export async function backOff(clock: Clock, attempt: number, signal: AbortSignal | undefined): Promise<void> {
  await clock.sleep(clock.random() * FIRST_DELAY_MS * 2 ** Math.min(attempt, 6), signal);
}

/**
 * Runs work that uses the network and changes nothing that matters: again where the network or a lock was in the way.
 */
export async function retryTransient<T>(
  clock: Clock,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isTransient(error)) throw error;
      await backOff(clock, attempt, signal);
    }
  }
}

/** Whether a failure may be gone in a moment. A server that was silent until the timeout is not asked again. */
export function isTransient(error: unknown): boolean {
  if (gitSays(error, /timed out|Operation too slow|certificate/i)) return false;
  if (gitSays(error, /\.lock': File exists|could not lock config file|cannot lock ref|shallow file has changed/))
    return true;
  // A page of a proxy may be gone the next time, too; a wrong URL is reported a second or two later.
  if (gitSays(error, NOT_GIT)) return true;
  return error instanceof GitFailure && meaningOf(error)?.reason === 'unreachable';
}
