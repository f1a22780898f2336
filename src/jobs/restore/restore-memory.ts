import type { Clock } from '../../lib/time.ts';
import type { RestoreMemory } from '../../restore/apply/memory.ts';
import type { IdPair } from '../../restore/plan/types.ts';
import type { Store } from '../../store/store.ts';
import { addIdentity, writeJournal, type Journal } from './restore-documents.ts';

/** A store may be far away: workflows, which adoption finds again without, are saved together. */
const PAIRS_TOGETHER = 25;
/** Milliseconds after which those that wait are saved with the next one. */
const LONGEST_WAIT_MS = 2_000;

export interface RestoreMemoryOptions {
  readonly store: Store;
  /** The instances that are written to, and that the snapshot is of. */
  readonly target: string;
  readonly source: string;
  readonly journal: Journal;
  /** From the journal of an interrupted run. */
  readonly leftBehind: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Remembers in a store what the next run has to know if this one is killed. */
export class StoreMemory implements RestoreMemory {
  readonly leftBehind: readonly string[];
  readonly #options: RestoreMemoryOptions;
  #waiting: IdPair[] = [];
  #savedAt: number;

  constructor(options: RestoreMemoryOptions) {
    this.#options = options;
    this.leftBehind = options.leftBehind;
    this.#savedAt = options.clock.now();
  }

  async remember(pairs: readonly IdPair[]): Promise<void> {
    this.#waiting.push(...pairs);
    const late = this.#options.clock.now() - this.#savedAt > LONGEST_WAIT_MS;
    const urgent = pairs.some(({ kind }) => kind !== 'workflows');
    if (urgent || late || this.#waiting.length >= PAIRS_TOGETHER) await this.flush(this.#options.signal);
  }

  /** Saves what still waits. Takes a signal of its own: after an abort this is what must not be lost. */
  async flush(signal: AbortSignal): Promise<void> {
    const pairs = this.#waiting;
    if (pairs.length === 0) return;
    const { store, target, source, clock } = this.#options;
    await addIdentity(store, target, source, pairs, signal);
    this.#waiting = this.#waiting.slice(pairs.length);
    this.#savedAt = clock.now();
  }

  async rememberTemporary(credentialIds: readonly string[]): Promise<void> {
    const { store, target, journal, signal } = this.#options;
    await writeJournal(store, target, { ...journal, temporaryCredentials: credentialIds }, signal);
  }
}
