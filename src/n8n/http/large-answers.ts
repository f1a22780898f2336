import { throwIfAborted } from '../../lib/errors.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { abortable } from '../../lib/abort.ts';

/**
 * Bytes of an answer that are read without waiting for others. A page of 250 usual workflows is 1.5 MB, so that the
 * listings of most instances never wait; four answers of this size take little memory.
 */
export const LARGE_BYTES = 2 * 2 ** 20;

/** Values of JSON that are taken apart without waiting for others, with up to 100 bytes of memory for each. */
const MANY_VALUES = 200_000;

/**
 * Whether an answer of few bytes becomes large once it is parsed: `{},` has three bytes, and its object takes sixty.
 */
export function hasManyValues(body: Uint8Array): boolean {
  // A value has two bytes at least, its comma or bracket among them; an answer of more than LARGE_BYTES has the turn.
  if (body.length < 2 * MANY_VALUES || body.length > LARGE_BYTES) return false;
  let commas = 0;
  for (const byte of body) if (byte === COMMA && ++commas > MANY_VALUES) return true;
  return false;
}

const COMMA = 0x2c;

/**
 * Settles when the last of those who have had the turn, or asked for it, is done. One for the process, as its memory
 * is.
 */
let lastTurn: Promise<void> = Promise.resolve();

/**
 * The turn of one answer that is large. What such an answer takes in memory (its bytes, their text, the values) is
 * several times its size, so that only one of the process is read at a time; the others wait with what they have,
 * which makes the server wait, too. Its maker releases it, however the work on the answer ends.
 */
export class LargeResponseLock implements Disposable {
  #end: (() => void) | undefined;
  #disposed = false;

  /**
   * Waits until no other answer has the turn; first come, first served. @throws InterruptedError when the signal
   * aborts
   */
  async take(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (this.#end !== undefined) return;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const before = lastTurn;
    lastTurn = before.then(() => ended);
    try {
      await abortable(before, signal);
    } catch (error) {
      end();
      throw error;
    }
    // Nobody is left to work on the answer, nor to end the turn.
    if (this.#disposed) end();
    else this.#end = end;
  }

  /** Lets the next one go on; the turn can be taken again, by another attempt at the request. */
  release(): void {
    this.#end?.();
    this.#end = undefined;
  }

  /** Releases it once those who were just given the answer, and work on it at once, are done with it. */
  releaseSoon(): void {
    if (this.#end !== undefined) setImmediate(() => this.release());
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.release();
  }
}

/**
 * A page whose turn lasts until it is disposed of, so that nothing large is read while it is worked on. It is empty
 * then: functions that wait keep in memory what their variables name, and the next page would come on top of it.
 */
export async function inTurn<T extends { readonly items: JsonObject[] }>(
  ask: (turn: LargeResponseLock) => Promise<T>,
): Promise<T & Disposable> {
  const turn = new LargeResponseLock();
  try {
    const page = await ask(turn);
    const dispose = (): void => {
      page.items.length = 0;
      turn[Symbol.dispose]();
    };
    return Object.assign(page, { [Symbol.dispose]: dispose });
  } catch (error) {
    turn[Symbol.dispose]();
    throw error;
  }
}
