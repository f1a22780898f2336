import { throwIfAborted } from '../../../../src/lib/errors.ts';
import type { Clock } from '../../../../src/lib/time.ts';

/** A clock whose sleeps take no time: they move it forward, and are remembered. */
export class TestClock implements Clock {
  readonly slept: number[] = [];
  #now = Date.parse('2026-01-15T12:00:00Z');

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.slept.push(ms);
    this.#now += ms;
    return Promise.resolve();
  }

  random(): number {
    return 0.5;
  }
}
