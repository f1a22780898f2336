import type { Clock } from '../../lib/time.ts';
import type { RestoreMemory } from '../../restore/apply/memory.ts';
import type { IdPair } from '../../restore/plan/types.ts';
import type { Journal, RestoreDocuments } from './restore-documents.ts';

/** A store may be far away: workflows, which adoption finds again without, are saved together. */
const PAIRS_TOGETHER = 25;
/** Milliseconds after which those that wait are saved with the next one. */
const LONGEST_WAIT_MS = 2_000;

/** Remembers in a store what the next run has to know if this one is killed. */
export class StoreMemory implements RestoreMemory {
  readonly leftBehind: readonly string[];
  readonly #documents: RestoreDocuments;
  readonly #clock: Clock;
  readonly #source: string;
  readonly #journal: Journal;
  #waiting: IdPair[] = [];
  #savedAt: number;

  /**
   * @param source the instance that the snapshot is of
   * @param journal this run's, which says what one before it left behind
   */
  constructor(documents: RestoreDocuments, clock: Clock, source: string, journal: Journal) {
    this.leftBehind = journal.temporaryCredentials;
    this.#documents = documents;
    this.#clock = clock;
    this.#source = source;
    this.#journal = journal;
    this.#savedAt = clock.now();
  }

  async remember(pairs: readonly IdPair[]): Promise<void> {
    this.#waiting.push(...pairs);
    const late = this.#clock.now() - this.#savedAt > LONGEST_WAIT_MS;
    const urgent = pairs.some(({ kind }) => kind !== 'workflows');
    if (urgent || late || this.#waiting.length >= PAIRS_TOGETHER) await this.flush();
  }

  /** Saves what still waits. @param signal after an abort, one of its own: this is what must not be lost */
  async flush(signal?: AbortSignal): Promise<void> {
    const pairs = this.#waiting;
    if (pairs.length === 0) return;
    await this.#documents.addIdentity(this.#source, pairs, signal);
    this.#waiting = this.#waiting.slice(pairs.length);
    this.#savedAt = this.#clock.now();
  }

  async rememberTemporary(credentialIds: readonly string[]): Promise<void> {
    await this.#documents.writeJournal({ ...this.#journal, temporaryCredentials: credentialIds });
  }
}
