import { createHash, randomUUID } from 'node:crypto';
import { isStoreError, StoreError } from '../errors.ts';
import type { StoredDocument } from '../store.ts';
import type { FetchedObject, PutOptions } from './bucket.ts';
import { honoursConditions } from './conditions.ts';
import type { ObjectStoreContext } from './context.ts';
import { readTwice } from './read-twice.ts';

/** Documents are small; a larger one is not flowkeep's. */
const MAX_BYTES = 256 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Behind the id of a write in the first line: what is there counts as no document. */
const REMOVED = ' removed';

/** A document as it is stored: a line with the id of this very write, then the content. */
interface Written extends StoredDocument {
  readonly writeId: string;
  readonly isRemoved: boolean;
}

interface Write {
  readonly bytes: Uint8Array;
  readonly writeId: string;
  readonly expected: string | null;
}

/**
 * Small files with compare-and-swap. Where the server has conditional writes, a race has exactly one winner. Where it
 * has not, a document is read before and after it is written: that finds every writer but one in the milliseconds
 * between, and `check` warns of it.
 *
 * Each write has its own id in the first line. It makes ETags differ where contents do not (an ETag is the hash
 * of the bytes), and tells a writer whose answer was lost whether what is there is its own.
 *
 * A key that may not delete removes a document by writing over it that it is removed.
 */
export class Documents {
  readonly #context: ObjectStoreContext;
  #honours: Promise<boolean> | null = null;

  constructor(context: ObjectStoreContext) {
    this.#context = context;
  }

  /** Whether the server honours conditions; asked once. */
  async honoursConditions(signal?: AbortSignal): Promise<boolean> {
    this.#honours ??= honoursConditions(this.#context, signal);
    try {
      return await this.#honours;
    } catch (error) {
      this.#honours = null;
      throw error;
    }
  }

  async read(name: string, signal?: AbortSignal): Promise<StoredDocument | null> {
    const found = await this.#read(name, signal);
    return found === null || found.isRemoved ? null : { content: found.content, version: found.version };
  }

  async write(name: string, content: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string> {
    const writeId = randomUUID();
    return this.#write(
      name,
      { writeId, bytes: Buffer.concat([Buffer.from(`${writeId}\n`), content]), expected },
      signal,
    );
  }

  async remove(name: string, expected: string, signal?: AbortSignal): Promise<void> {
    const current = await this.read(name, signal);
    if (current === null) return;
    if (current.version !== expected) throw this.#conflict(name);
    try {
      await this.#delete(name, expected, signal);
    } catch (error) {
      if (isStoreError(error, 'conflict')) return this.#goneOrChanged(name, signal);
      if (!isStoreError(error, 'denied')) throw error;
      const writeId = `${randomUUID()}${REMOVED}`;
      await this.#write(name, { writeId, bytes: Buffer.from(`${writeId}\n`), expected }, signal);
    }
  }

  async #delete(name: string, expected: string, signal?: AbortSignal): Promise<void> {
    const key = this.#key(name);
    try {
      await this.#context.bucket.delete(key, expected, signal);
    } catch (error) {
      if (!isStoreError(error, 'unsupported')) throw error;
      await this.#context.bucket.delete(key, undefined, signal);
    }
  }

  async #write(name: string, write: Write, signal?: AbortSignal): Promise<string> {
    // Asking costs a write: a process that writes one document, such as a lock, is as safe with a look before and
    // after.
    if (this.#honours === null) return this.#writeUnasked(name, write, signal);
    if (!(await this.honoursConditions(signal))) return this.#writeUnconditionally(name, write, signal);
    const { bytes, writeId, expected } = write;
    try {
      return await this.#context.bucket.put(this.#key(name), bytes, conditionOf(expected), signal);
    } catch (error) {
      if (!isStoreError(error, 'conflict')) throw error;
      const current = await this.#read(name, signal);
      if (current?.writeId === writeId) return current.version;
      if (expected !== null || !current?.isRemoved) throw this.#conflict(name);
      return this.#write(name, { ...write, expected: current.version }, signal);
    }
  }

  /** A conditional write to a server that may pass over the condition: what is there before and after tells. */
  async #writeUnasked(name: string, write: Write, signal?: AbortSignal): Promise<string> {
    const { bytes, writeId } = write;
    const there = await this.#asExpected(name, write, signal);
    try {
      await this.#context.bucket.put(this.#key(name), bytes, conditionOf(there), signal);
    } catch (error) {
      if (isStoreError(error, 'unsupported')) {
        await this.honoursConditions(signal);
        return this.#writeUnconditionally(name, write, signal);
      }
      if (!isStoreError(error, 'conflict')) throw error;
    }
    return this.#unlessAnotherWon(name, writeId, signal);
  }

  /**
   * After a refusal: the bucket's own second try of a write whose answer was lost is refused because of the first, so
   * what is there now decides.
   */
  async #unlessAnotherWon(name: string, writeId: string, signal?: AbortSignal): Promise<string> {
    const current = await this.#read(name, signal);
    if (current?.writeId === writeId) return current.version;
    throw this.#conflict(name);
  }

  /** The version of what is there, a removed document among it; null if there is nothing. @throws `conflict` */
  async #asExpected(name: string, { expected }: Write, signal?: AbortSignal): Promise<string | null> {
    const current = await this.#read(name, signal);
    const there = current?.version ?? null;
    if (there === expected || (expected === null && current?.isRemoved)) return there;
    throw this.#conflict(name);
  }

  async #read(name: string, signal?: AbortSignal): Promise<Written | null> {
    const key = this.#key(name);
    const fetch = () => this.#context.bucket.get(key, MAX_BYTES, signal);
    let found = await fetch();
    if (found === null) return null;
    // Most servers' ETags are the MD5 of the bytes. Where this one is not, either that server's are something else, and
    // a second reading gives the same, or the bytes changed on their way.
    if (!isMd5Of(found)) found = await readAgain(this.#context, key, found, fetch);
    if (found === null) return null;
    const end = found.bytes.indexOf(NEWLINE);
    const writeId = Buffer.from(found.bytes.subarray(0, end)).toString('latin1');
    const content = found.bytes.slice(end + 1);
    return { writeId, content, version: found.etag, isRemoved: writeId.endsWith(REMOVED) && content.length === 0 };
  }

  async #goneOrChanged(name: string, signal?: AbortSignal): Promise<void> {
    if (await this.read(name, signal)) throw this.#conflict(name);
  }

  async #writeUnconditionally(name: string, write: Write, signal?: AbortSignal): Promise<string> {
    await this.#asExpected(name, write, signal);
    await this.#context.bucket.put(this.#key(name), write.bytes, {}, signal);
    return this.#unlessAnotherWon(name, write.writeId, signal);
  }

  #conflict(name: string): StoreError {
    return new StoreError('conflict', `another writer changed ${name} in ${this.#context.bucket.location}`, {
      remedy: 'Wait for the other run to end, then run again.',
    });
  }

  #key(name: string): string {
    return this.#context.keys.document(name);
  }
}

/** Until two readings are the same, or one is what its ETag says. */
async function readAgain(
  context: ObjectStoreContext,
  key: string,
  first: FetchedObject,
  fetch: () => Promise<FetchedObject | null>,
): Promise<FetchedObject | null> {
  let before: FetchedObject | null = first;
  return readTwice(context, key, fetch, (found) => {
    const same = found === null || (before !== null && Buffer.compare(found.bytes, before.bytes) === 0);
    if (same || isMd5Of(found)) return found;
    before = found;
    throw new StoreError('integrity', 'it is not what its ETag says');
  });
}

function isMd5Of({ etag, bytes }: FetchedObject): boolean {
  return etag.replaceAll('"', '').toLowerCase() === createHash('md5').update(bytes).digest('hex');
}

function conditionOf(expected: string | null): PutOptions {
  return expected === null ? { ifNoneMatch: '*' } : { ifMatch: expected };
}
