import { pause } from '../../lib/pauses.ts';
import type { SpooledFile } from '../../lib/spool.ts';
import { openScanner } from '../secrets/scan.ts';
import { mayHoldSecrets, applyToFile } from './apply-to-file.ts';
import { lookingPolicy } from './policy.ts';

/** Bytes that may wait for their look. What comes beyond that is looked at when it is saved. */
const MAX_WAITING_BYTES = 4 * 2 ** 20;

/**
 * Looks into new files for secrets while an instance is still being read, in the time that n8n takes to answer. Those
 * without any need no look when they are saved. One that has some gets another look then: only then are the names of
 * all items known, and what the store's policy is.
 */
export class CleanFiles {
  readonly #clean = new WeakSet<SpooledFile>();
  #waitingBytes = 0;
  #looking: Promise<void> = Promise.resolve();
  #ended = false;
  readonly #signal: AbortSignal | undefined;

  /** @param signal ends a look at once: then what was looked into has no verdict */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether a file was looked into and has no secret. */
  has(file: SpooledFile): boolean {
    return this.#clean.has(file);
  }

  /**
   * Has a file looked into before long, unless too many wait already.
   * @returns when that is over; it never fails
   */
  add(path: string, content: Uint8Array, file: SpooledFile): Promise<void> {
    if (!mayHoldSecrets(path) || this.#waitingBytes + content.length > MAX_WAITING_BYTES) return Promise.resolve();
    this.#waitingBytes += content.length;
    const over = (): void => void (this.#waitingBytes -= content.length);
    // A file that cannot be read has no verdict: saving it meets the same failure, and throws it.
    this.#looking = this.#looking.then(() => this.#look(path, content, file)).then(over, over);
    return this.#looking;
  }

  async #look(path: string, content: Uint8Array, file: SpooledFile): Promise<void> {
    // Looking keeps the thread busy: what n8n answered meanwhile, and the next request, come first.
    await pause();
    if (!this.#ended && (await isClean(path, content, this.#signal))) this.#clean.add(file);
  }

  /** Ends the scan, so that it does not run at the same time as saving. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#looking;
  }
}

async function isClean(path: string, content: Uint8Array, signal: AbortSignal | undefined): Promise<boolean> {
  return (await applyToFile(lookingPolicy(openScanner(signal)), path, content)).findings.length === 0;
}
