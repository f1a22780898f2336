import { isoSeconds } from '../../../lib/time.ts';
import { isStoreError, StoreError } from '../../errors.ts';
import { UNREADABLE_FORMAT, type SnapshotInfo } from '../../store.ts';
import { timeOfId } from '../../time-of-id.ts';
import type { ObjectStoreContext } from '../context.ts';
import {
  decodeHeader,
  decodeManifest,
  HEADER_BYTES,
  headerOf,
  MAX_MANIFEST_BYTES,
  type DecodedHeader,
} from '../manifest.ts';
import { mapParallel } from '../parallel.ts';
import { readTwice } from '../read-twice.ts';
import { HeaderIndex, nameOf } from './header-index.ts';
import type { IndexEntry, IndexPart } from './index-part.ts';
import type { ListedManifest } from './order.ts';
import { placeOf, requireOwn } from './own-manifest.ts';

/**
 * So few headers are read from their manifests: the index takes two requests. A save leaves as many for a later one to
 * enter, so that most saves write nothing but the snapshot.
 */
const FEW = 10;
/** A save reads at most so many headers that the index lacks, such as those of a bucket that had none. */
const MAX_CATCH_UP = 1000;
/** After so many snapshots the whole index is looked at, not its open part alone: damage and gaps do not stay. */
const LOOK_EVERY = 50;

type Kept = IndexEntry & { readonly source: 'index' | 'manifest' };

/** What listings say of manifests: from the index, and from the manifests themselves where it says nothing. */
export class Headers {
  readonly #context: ObjectStoreContext;
  readonly #index: HeaderIndex;
  /** What was read so far, by key and ETag. */
  readonly #kept = new Map<string, Kept>();

  constructor(context: ObjectStoreContext) {
    this.#context = context;
    this.#index = new HeaderIndex(context);
  }

  /** What a listing says of each manifest. One that cannot be read is listed as such, so that it is not overlooked. */
  async of(listed: readonly ListedManifest[], signal?: AbortSignal): Promise<SnapshotInfo[]> {
    const unknown = listed.filter((manifest) => !this.#recall(manifest));
    if (unknown.length > FEW)
      for (const instance of new Set(unknown.map((manifest) => manifest.instance)))
        await this.#takeIndex(instance, signal);
    return this.#readAll(listed, (manifest) => this.#recall(manifest) !== undefined, signal);
  }

  /** The same from the manifests alone, for what is decided for good: anybody can have written the index. */
  async fromManifests(listed: readonly ListedManifest[], signal?: AbortSignal): Promise<SnapshotInfo[]> {
    return this.#readAll(listed, (manifest) => this.#recall(manifest)?.source === 'manifest', signal);
  }

  /**
   * Holds a header that a listing took from the index against the manifest, which is opened now.
   * @throws StoreError `integrity` where they differ: then the listing that chose this snapshot was wrong
   */
  confirm(key: string, etag: string, info: SnapshotInfo): void {
    const kept = this.#kept.get(nameOf(key, etag));
    if (kept?.source !== 'index' || JSON.stringify(kept.info) === JSON.stringify(info)) return;
    this.#kept.delete(nameOf(key, etag));
    const { bucket, keys } = this.#context;
    const index = keys.indexOf(info.instance);
    throw new StoreError('integrity', `the index ${index} of ${bucket.location} is not true of snapshot ${info.id}`, {
      remedy:
        `Remove what is below ${index}, or run \`flowkeep prune\`: it is made again from the manifests, which it ` +
        'only sums up. Find out who else can write to the bucket.',
    });
  }

  /**
   * Enters what was saved since the last time, once that are more than a few. The snapshots are safe without: only
   * listings are slower then, and the next save finds that they are missing.
   * @param listed every manifest of the instance, in the order in which they were saved
   * @returns warnings
   */
  async enter(instance: string, listed: readonly ListedManifest[], signal?: AbortSignal): Promise<string[]> {
    try {
      const open = await this.#index.readOpen(instance, signal);
      const known = new Set(open?.entries.map(({ info, etag }) => nameOf(info.id, etag)));
      const since = listed.slice(listed.findLastIndex(({ id, etag }) => known.has(nameOf(id, etag))) + 1);
      if (open?.isWhole !== false && since.length <= FEW) return [];
      if (open === null || !open.isWhole || isTimeToLook(known.size, since.length))
        await this.#catchUp(instance, listed, signal);
      else await this.#append(instance, open, since, signal);
      return [];
    } catch (error) {
      if (signal?.aborted) return [];
      if (!(error instanceof StoreError)) throw error;
      return [`the index that makes listings quick was not written: ${error.message}`];
    }
  }

  async #append(
    instance: string,
    open: IndexPart,
    since: readonly ListedManifest[],
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#readAll(since, (manifest) => this.#recall(manifest) !== undefined, signal);
    const entries = since.flatMap((manifest) => this.#recall(manifest) ?? []);
    await this.#index.append(instance, open, entries, signal);
  }

  /** Makes the index of each instance again whose every manifest was read by `fromManifests`. */
  async remake(listed: readonly ListedManifest[], signal?: AbortSignal): Promise<void> {
    for (const [instance, manifests] of Map.groupBy(listed, (manifest) => manifest.instance)) {
      const known = manifests.map((manifest) => this.#recall(manifest));
      const entries = known.filter((kept) => kept?.source === 'manifest').filter((kept) => kept !== undefined);
      if (entries.length === manifests.length) await this.#index.replace(instance, entries, true, signal);
    }
  }

  /** Reads what the index lacks, the newest first, and writes it where that changes something. */
  async #catchUp(instance: string, listed: readonly ListedManifest[], signal?: AbortSignal): Promise<void> {
    const { entries, damaged } = await this.#takeIndex(instance, signal);
    const lacking = listed.filter(({ id, etag }) => !entries.has(nameOf(id, etag)));
    const read = lacking.slice(-MAX_CATCH_UP);
    await this.#readAll(read, () => false, signal);
    if (damaged.length === 0 && lacking.length === 0) return;
    const found = listed.flatMap((manifest) => this.#recall(manifest) ?? []);
    await this.#index.replace(instance, found, read.length === lacking.length, signal);
  }

  async #takeIndex(instance: string, signal?: AbortSignal): ReturnType<HeaderIndex['read']> {
    const { keys, bucket, logger } = this.#context;
    const index = await this.#index.read(instance, signal);
    for (const entry of index.entries.values()) {
      const name = nameOf(keys.manifest(instance, entry.info.id), entry.etag);
      if (!this.#kept.has(name)) this.#kept.set(name, { ...entry, source: 'index' });
    }
    for (const key of index.damaged)
      logger.warn(
        { location: bucket.location, key },
        'this part of the index is damaged; the manifests are read instead',
      );
    return index;
  }

  async #readAll(
    listed: readonly ListedManifest[],
    isKnown: (manifest: ListedManifest) => boolean,
    signal?: AbortSignal,
  ): Promise<SnapshotInfo[]> {
    const infos: SnapshotInfo[] = [];
    const read = async (manifest: ListedManifest): Promise<SnapshotInfo | null> =>
      isKnown(manifest) ? (this.#recall(manifest)?.info ?? null) : this.#read(manifest, signal);
    for await (const info of mapParallel(listed, this.#context.bucket.concurrency, read)) {
      if (info !== null) infos.push(info);
    }
    return infos;
  }

  async #read(listed: ListedManifest, signal?: AbortSignal): Promise<SnapshotInfo | null> {
    const { key, etag } = listed;
    try {
      const header = await this.#readHeader(key, signal);
      if (header && etag !== '') this.#kept.set(nameOf(key, etag), { etag, ...header, source: 'manifest' });
      return header?.info ?? null;
    } catch (error) {
      if (!isStoreError(error, 'integrity')) throw error;
      return unreadable(listed);
    }
  }

  /** null: removed since it was listed. */
  async #readHeader(key: string, signal?: AbortSignal): Promise<DecodedHeader | null> {
    const { bucket } = this.#context;
    const fetch = () => bucket.getBeginning(key, HEADER_BYTES, signal);
    return readTwice(this.#context, key, fetch, async (beginning) => {
      if (beginning === null) return null;
      const place = placeOf(this.#context, key);
      const header = decodeHeader(beginning.bytes, place) ?? (await this.#readWhole(key, signal));
      if (header) requireOwn(this.#context, key, header.info);
      return header;
    });
  }

  async #readWhole(key: string, signal?: AbortSignal): Promise<DecodedHeader | null> {
    const fetched = await this.#context.bucket.get(key, MAX_MANIFEST_BYTES, signal);
    return fetched && headerOf((await decodeManifest(fetched.bytes, placeOf(this.#context, key))).info);
  }

  #recall({ key, etag }: ListedManifest): Kept | undefined {
    return this.#kept.get(nameOf(key, etag));
  }
}

function isTimeToLook(entries: number, added: number): boolean {
  return Math.floor((entries + added) / LOOK_EVERY) > Math.floor(entries / LOOK_EVERY);
}

/** `partial`, so that retention never takes it for the newest complete one. */
function unreadable({ instance, id, lastModified }: ListedManifest): SnapshotInfo {
  const subject = `${instance}: this snapshot's manifest is damaged`;
  return {
    id,
    instance,
    takenAt: timeOfId(id) ?? isoSeconds(lastModified),
    format: UNREADABLE_FORMAT,
    n8nVersion: null,
    subject,
    flags: ['partial'],
    digest: null,
  };
}
