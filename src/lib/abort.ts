import { InterruptedError, throwIfAborted } from './errors.ts';

/**
 * The promise's own result, or InterruptedError as soon as the signal aborts. What the promise stands for goes on in
 * the background then; its outcome is not needed any more.
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(new InterruptedError());
  signal.addEventListener('abort', onAbort, { once: true });
  // Each loser of the race may still reject later; the race has handled it by then.
  promise.catch(() => undefined);
  try {
    throwIfAborted(signal);
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** One signal that aborts with the first of several; those that are undefined are left out. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
