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

export const systemClock: Clock = { now: Date.now, sleep, random: Math.random };

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throwIfAborted(signal);
    throw new InterruptedError(String(error));
  }
}
