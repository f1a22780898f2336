import { setImmediate } from 'node:timers/promises';

/**
 * Lets the event loop breathe within long work: whatever waits (a request to the daemon, a signal) gets its turn once
 * in so many units of work.
 */
export class Pauses {
  readonly #every: number;
  #done = 0;

  /** @param every units of work between two pauses */
  constructor(every: number) {
    this.#every = every;
  }

  /** Pauses where enough work was done since the last pause. */
  async after(units = 1): Promise<void> {
    this.#done += units;
    if (this.#done < this.#every) return;
    this.#done = 0;
    await setImmediate();
  }
}

/** One turn of the event loop. */
export async function pause(): Promise<void> {
  await setImmediate();
}
