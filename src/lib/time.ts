import { setTimeout as delay } from 'node:timers/promises';
import { InterruptedError, throwIfAborted } from './errors.ts';

/** Time and randomness, passed in so that tests need no waiting. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits, or throws InterruptedError when the signal aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to, but not including, 1. */
  random(): number;
}

/**
 * How far the clocks of two machines may be apart before a time counts as wrong, in milliseconds. A snapshot that was
 * taken less than this before the one that it follows gets the second after it instead (jobs/backup/draft.ts).
 */
export const CLOCK_TOLERANCE_MS = 60 * 60 * 1000;

export const systemClock: Clock = { now: () => Date.now(), sleep, random: Math.random };

/** The same clock, but that it stands still where that one is set back and then goes on: for what ends at some time. */
export function neverBack(clock: Pick<Clock, 'now'>): Pick<Clock, 'now'> {
  let last = clock.now();
  let ahead = 0;
  return {
    now() {
      const now = clock.now();
      ahead += Math.max(0, last - now);
      last = now;
      return now + ahead;
    },
  };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throwIfAborted(signal);
    throw new InterruptedError(String(error));
  }
}

/** A time in milliseconds since 1970 as ISO 8601 in UTC with whole seconds. */
export function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
