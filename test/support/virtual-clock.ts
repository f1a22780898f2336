import { setImmediate as turn } from 'node:timers/promises';
import { InterruptedError, throwIfAborted } from '../../src/lib/errors.ts';
import type { Clock } from '../../src/lib/time.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that moves when a test says so. Sleepers wake in order, each at its own time. */
export class VirtualClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  #monotonic = 0;
  #offset: number;

  constructor(start = '2026-01-15T12:00:00Z') {
    this.#offset = Date.parse(start);
  }

  now(): number {
    return this.#offset + this.#monotonic;
  }

  random(): number {
    return 0.5;
  }

  /** Sets the wall clock, as NTP or an administrator does: nobody who sleeps notices. */
  leap(ms: number): void {
    this.#offset += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(new InterruptedError());
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { until: this.#monotonic + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets time pass, and everything happen that falls into it. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#sleepers].sort((a, b) => a.until - b.until);
      if (!next || next.until > end) break;
      this.#monotonic = next.until;
      this.#sleepers.delete(next);
      next.wake();
    }
    this.#monotonic = end;
  }
}

/** Until work that waits for no clock, such as a memory store's, is done. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn();
}
