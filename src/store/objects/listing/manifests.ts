import { isStoreError, StoreError } from '../../errors.ts';
import type { SnapshotInfo } from '../../store.ts';
import type { ListedObject } from '../bucket.ts';
import type { ObjectStoreContext } from '../context.ts';
import { decodeManifest, encodeManifest, MAX_MANIFEST_BYTES, type Manifest } from '../manifest.ts';
import { Headers } from './headers.ts';
import { inOrder, markedPlace, type ListedManifest } from './order.ts';
import { placeOf, requireOwn } from './own-manifest.ts';
import { readTwice } from '../read-twice.ts';
import { tellNoConditions } from '../conditions.ts';

interface FetchedManifest {
  readonly key: string;
  readonly etag: string;
  readonly manifest: Manifest;
}

type HashedFiles = ReadonlyMap<string, { readonly sha256: string }>;

/** Of more snapshots than one page of a listing holds, the newest is first looked for among those of this many days. */
const RECENT_DAYS = 8;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The manifests of a store: listed, read with a small cache, written once. Manifests never change. */
export class Manifests {
  readonly #context: ObjectStoreContext;
  readonly headers: Headers;
  /** The manifest that was read or written last for each instance: the next backup compares with it. */
  readonly #latest = new Map<string, FetchedManifest>();

  constructor(context: ObjectStoreContext) {
    this.#context = context;
    this.headers = new Headers(context);
  }

  /** Every manifest of an instance, or of all, oldest first within an instance. */
  async list(instance?: string, signal?: AbortSignal): Promise<readonly ListedManifest[]> {
    const { keys } = this.#context;
    const prefix = instance === undefined ? keys.snapshots : keys.instance(instance);
    return inOrder(keys, await this.#listAll(prefix, undefined, signal)).manifests;
  }

  /** The newest manifest of an instance, or null: one request, and where there are over 1,000 two. */
  async newest(instance: string, signal?: AbortSignal): Promise<ListedManifest | null> {
    const { bucket, keys, clock } = this.#context;
    const prefix = keys.instance(instance);
    const first = await onePage(bucket.list(prefix, undefined, signal));
    if (first.isLast) return inOrder(keys, first.objects).manifests.at(-1) ?? null;
    const since = new Date(clock.now() - RECENT_DAYS * DAY_MS);
    const recent = `${prefix}${since.toISOString().slice(0, 10).replaceAll('-', '')}`;
    const { manifests, isCut } = inOrder(keys, await this.#listAll(prefix, recent, signal));
    const newest = isCut ? undefined : manifests.at(-1);
    return newest ?? (await this.list(instance, signal)).at(-1) ?? null;
  }

  /** The whole manifest, or null where it is gone. @throws StoreError `integrity` or `format` */
  async read(instance: string, id: string, signal?: AbortSignal): Promise<Manifest | null> {
    return (await this.#fetch(this.#context.keys.manifest(instance, id), signal))?.manifest ?? null;
  }

  /** As `read`, and kept: an unchanged instance costs no second download. */
  async readNewest({ key, etag, instance }: ListedManifest, signal?: AbortSignal): Promise<Manifest | null> {
    const kept = this.#latest.get(instance);
    if (kept?.key === key && kept.etag === etag && etag !== '') return kept.manifest;
    const fetched = await this.#fetch(key, signal);
    if (fetched) this.#latest.set(instance, fetched);
    return fetched?.manifest ?? null;
  }

  /** The copy of a removed snapshot's manifest, or null where it is gone or cannot be read. */
  async readRemoved(instance: string, id: string, signal?: AbortSignal): Promise<Manifest | null> {
    try {
      return (await this.#fetch(this.#context.keys.removedManifest(instance, id), signal))?.manifest ?? null;
    } catch (error) {
      // Nothing rests on a damaged copy: a save that relies on a snapshot has read it whole.
      if (isStoreError(error, 'integrity')) return null;
      throw error;
    }
  }

  /**
   * Leaves the marker that a new snapshot needs to be listed as the newest. Before its manifest: there must be no moment
   * at which the snapshot is there and another one counts as newer.
   */
  async markPlace({ instance, id }: SnapshotInfo, newest: ListedManifest | null, signal?: AbortSignal): Promise<void> {
    const { bucket, keys } = this.#context;
    const place = markedPlace(newest, id);
    if (place !== null) await bucket.put(keys.placeMarker(instance, id, place), new Uint8Array(), {}, signal);
  }

  /**
   * Writes a manifest unless there is one of its id already.
   * @returns its ETag; null where the very same was there, perhaps by an earlier try whose answer was lost
   * @throws StoreError `conflict` where another one was there
   */
  async write(manifest: Manifest, signal?: AbortSignal): Promise<string | null> {
    const { bucket, keys } = this.#context;
    const key = keys.manifest(manifest.info.instance, manifest.info.id);
    const bytes = encodeManifest(manifest);
    try {
      const etag = await bucket.put(key, bytes, { ifNoneMatch: '*' }, signal);
      this.#latest.set(manifest.info.instance, { key, etag, manifest });
      return etag;
    } catch (error) {
      if (isStoreError(error, 'conflict')) return this.#acceptSame(key, manifest, signal);
      if (isStoreError(error, 'unsupported')) return this.#writeWithoutCondition(key, manifest, signal);
      throw error;
    }
  }

  /** A server that knows no conditions: look, write, and read back what is there now. */
  async #writeWithoutCondition(key: string, manifest: Manifest, signal?: AbortSignal): Promise<string | null> {
    tellNoConditions(this.#context);
    if (await this.#context.bucket.head(key, signal)) return this.#acceptSame(key, manifest, signal);
    const etag = await this.#context.bucket.put(key, encodeManifest(manifest), {}, signal);
    await this.#acceptSame(key, manifest, signal);
    return etag;
  }

  async #acceptSame(key: string, manifest: Manifest, signal?: AbortSignal): Promise<null> {
    const there = await this.#fetch(key, signal);
    if (there && sameFiles(there.manifest.files, manifest.files)) return null;
    throw alreadyThere(key);
  }

  async #fetch(key: string, signal?: AbortSignal): Promise<FetchedManifest | null> {
    const { bucket } = this.#context;
    const fetch = () => bucket.get(key, MAX_MANIFEST_BYTES, signal);
    const found = await readTwice(this.#context, key, fetch, async (fetched) => {
      if (fetched === null) return null;
      const manifest = await decodeManifest(fetched.bytes, placeOf(this.#context, key));
      requireOwn(this.#context, key, manifest.info);
      return { key, etag: fetched.etag, manifest };
    });
    if (found) this.headers.confirm(key, found.etag, found.manifest.info);
    return found;
  }

  async #listAll(prefix: string, startAfter?: string, signal?: AbortSignal): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    for await (const { objects } of this.#context.bucket.list(prefix, startAfter, signal)) found.push(...objects);
    return found;
  }
}

/** Whether two snapshots hold the same files, whichever objects their bytes are in. */
export function sameFiles(one: HashedFiles, other: HashedFiles): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([path, { sha256 }]) => other.get(path)?.sha256 === sha256);
}

export function alreadyThere(what: string): StoreError {
  return new StoreError('conflict', `${what} already exists with other content`, {
    remedy: 'Snapshots are immutable: run the backup again, for a new id.',
  });
}

async function onePage<T>(pages: AsyncGenerator<T>): Promise<T> {
  const { value } = (await pages.next()) as { value: T };
  await pages.return(undefined);
  return value;
}
