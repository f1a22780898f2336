import { isStoreError, StoreError } from '../../errors.ts';
import type { ObjectStoreContext } from '../context.ts';
import { mapParallel } from '../parallel.ts';
import { readTwice } from '../read-twice.ts';
import { decodePart, encodePart, MAX_PART_BYTES, type IndexEntry, type IndexPart } from './index-part.ts';

/** So many entries make a part full, and a save writes no more than one part: some 100 kB. */
const PART_ENTRIES = 1000;
const OPEN = 'open';

export interface StoredIndex {
  /** By id and ETag: `nameOf`. */
  readonly entries: ReadonlyMap<string, IndexEntry>;
  /** What could not be read, by key; the manifests are read instead. */
  readonly damaged: readonly string[];
}

/**
 * The headers of an instance's manifests in a few objects, so that a listing need not read each manifest: closed parts
 * of 1,000, numbered, and an open one. It is a cache and nothing more. An entry holds for one manifest with one ETag,
 * so one that is stale says nothing; what is missing, damaged or another's is read from the manifest; and of two who
 * write at once the last one wins, since the other's entry is only missing.
 */
export class HeaderIndex {
  readonly #context: ObjectStoreContext;

  constructor(context: ObjectStoreContext) {
    this.#context = context;
  }

  /** All that the index of an instance says. */
  async read(instance: string, signal?: AbortSignal): Promise<StoredIndex> {
    const { bucket } = this.#context;
    const keys = await this.#list(instance, signal);
    const entries = new Map<string, IndexEntry>();
    const damaged: string[] = [];
    const read = async (key: string): Promise<readonly [string, IndexPart | null | undefined]> => [
      key,
      await this.#readPart(instance, key, signal),
    ];
    for await (const [key, part] of mapParallel(keys, bucket.concurrency, read)) {
      if (part === null) damaged.push(key);
      for (const entry of part?.entries ?? []) entries.set(nameOf(entry.info.id, entry.etag), entry);
    }
    return { entries, damaged };
  }

  /** The part that the next entry goes into; null where there is none that can be read. */
  async readOpen(instance: string, signal?: AbortSignal): Promise<IndexPart | null> {
    return (await this.#readPart(instance, this.#key(instance, OPEN), signal)) ?? null;
  }

  /** Adds entries to the open part. A full one is closed first, and its last entry stays in the open one. */
  async append(instance: string, open: IndexPart, added: readonly IndexEntry[], signal?: AbortSignal): Promise<void> {
    if (open.entries.length < PART_ENTRIES)
      return this.#write(instance, OPEN, { ...open, entries: [...open.entries, ...added] }, signal);
    const closed = open.closed + 1;
    await this.#write(instance, closed, { ...open, closed: 0 }, signal);
    await this.#write(instance, OPEN, { ...open, closed, entries: [...open.entries.slice(-1), ...added] }, signal);
  }

  /** Writes all parts, for these entries and no others, oldest first. */
  async replace(
    instance: string,
    entries: readonly IndexEntry[],
    isWhole: boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    const left = [...entries];
    let closed = 0;
    for (; left.length > PART_ENTRIES; closed++)
      await this.#write(instance, closed + 1, { closed: 0, isWhole, entries: left.splice(0, PART_ENTRIES) }, signal);
    await this.#write(instance, OPEN, { closed, isWhole, entries: left }, signal);
    await this.#removeBehind(instance, closed, signal);
  }

  /** Closed parts that are no longer needed. A key that may not delete leaves them: what they say is stale or true. */
  async #removeBehind(instance: string, closed: number, signal?: AbortSignal): Promise<void> {
    for (const key of await this.#list(instance, signal)) {
      const number = /^(\d+)\.ndjson\.gz$/.exec(key.slice(this.#context.keys.indexOf(instance).length))?.[1];
      if (number === undefined || Number(number) <= closed) continue;
      try {
        await this.#context.bucket.delete(key, undefined, signal);
      } catch (error) {
        if (isStoreError(error, 'denied')) return;
        throw error;
      }
    }
  }

  async #list(instance: string, signal?: AbortSignal): Promise<string[]> {
    const { bucket, keys } = this.#context;
    const found: string[] = [];
    for await (const { objects } of bucket.list(keys.indexOf(instance), undefined, signal))
      found.push(...objects.map(({ key }) => key));
    return found;
  }

  /** undefined: there is none; null: it is damaged. */
  async #readPart(instance: string, key: string, signal?: AbortSignal): Promise<IndexPart | null | undefined> {
    const fetch = () => this.#context.bucket.get(key, MAX_PART_BYTES, signal);
    try {
      const part = await readTwice(this.#context, key, fetch, async (fetched) => {
        if (fetched === null) return undefined;
        const decoded = await decodePart(fetched.bytes);
        if (decoded === null) throw new StoreError('integrity', 'it is no part of an index');
        return decoded;
      });
      return part && { ...part, entries: part.entries.filter(({ info }) => info.instance === instance) };
    } catch (error) {
      if (isStoreError(error, 'integrity')) return null;
      throw error;
    }
  }

  async #write(instance: string, part: PartId, content: IndexPart, signal?: AbortSignal): Promise<void> {
    await this.#context.bucket.put(this.#key(instance, part), await encodePart(content), {}, signal);
  }

  #key(instance: string, part: PartId): string {
    return `${this.#context.keys.indexOf(instance)}${partName(part)}`;
  }
}

type PartId = number | typeof OPEN;

function partName(part: PartId): string {
  return `${typeof part === 'number' ? String(part).padStart(4, '0') : part}.ndjson.gz`;
}

/** What an entry, or a manifest as it is listed, goes by. */
export function nameOf(id: string, etag: string): string {
  return `${id} ${etag}`;
}
