import type { Clock } from '../../../lib/time.ts';
import { StoreError } from '../../errors.ts';
import { backOff } from '../process/retry.ts';

export interface ContentionOptions {
  readonly clock: Clock;
  readonly contentionMs: number;
}

/** The tries of one writer among several on one branch: limited by time, since their number depends on the others. */
export class Contention {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #where: string;
  /** Monotonic: a leap of the clock must not end the tries. */
  readonly #since = performance.now();
  #late = 0;
  #lost = 0;

  /** @param where such as `in /backups` or `at https://git.example.com/backups` */
  constructor({ clock, contentionMs }: ContentionOptions, where: string) {
    this.#clock = clock;
    this.#limitMs = contentionMs;
    this.#where = where;
  }

  /** How many answers were lost, and this try: counts from 1. Waiting for others uses up none of them. */
  get networkAttempt(): number {
    return this.#lost + 1;
  }

  /**
   * Waits before the next try. Look at the branch after this, not before: what was seen before is old by then, and the
   * next try comes too late as well.
   * @throws StoreError `conflict` where the time is up; InterruptedError
   */
  async wait(outcome: 'rejected' | 'unknown', signal?: AbortSignal): Promise<void> {
    if (outcome === 'unknown') this.#lost += 1;
    else this.#late += 1;
    const waitedMs = performance.now() - this.#since;
    if (waitedMs > this.#limitMs) throw tooBusy(this.#late, waitedMs, this.#where);
    await backOff(this.#clock, this.#late + this.#lost, signal);
  }
}

function tooBusy(attempts: number, waitedMs: number, where: string): StoreError {
  const minutes = Math.round(waitedMs / 60_000);
  return new StoreError('conflict', `other writers were faster ${attempts} times in ${minutes} minutes ${where}`, {
    remedy: 'Spread the backups over more time (daemon.jitter, or other minutes in the schedules), then run again.',
  });
}
