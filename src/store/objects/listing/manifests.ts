import { isoSeconds } from '../../../lib/iso-seconds.ts';
import { isStoreError, StoreError } from '../../errors.ts';
import { UNREADABLE_FORMAT, type SnapshotInfo } from '../../store.ts';
import { timeOfId } from '../../time-of-id.ts';
import type { ListedObject } from '../bucket.ts';
import type { ObjectStoreContext } from '../context.ts';
import { parseManifestKey } from '../keys.ts';
import { inOrder, markedPlace, type ListedManifest } from './order.ts';
import {
  decodeHeader,
  decodeManifest,
  encodeManifest,
  HEADER_BYTES,
  MAX_MANIFEST_BYTES,
  type Manifest,
} from '../manifest.ts';
import { mapParallel } from '../parallel.ts';

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
  /** The headers that the last listings read, by key and ETag. */
  readonly #headers = new Map<string, SnapshotInfo>();
  /** The manifest that was read or written last for each instance: the next backup compares with it. */
  readonly #latest = new Map<string, FetchedManifest>();

  constructor(context: ObjectStoreContext) {
    this.#context = context;
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

  /** What a listing says of each manifest. One that cannot be read is listed as such, so that it is not overlooked. */
  async headers(listed: readonly ListedManifest[], signal?: AbortSignal): Promise<SnapshotInfo[]> {
    const infos: SnapshotInfo[] = [];
    const read = (manifest: ListedManifest): Promise<SnapshotInfo | null> => this.#header(manifest, signal);
    for await (const info of mapParallel(listed, this.#context.bucket.concurrency, read)) {
      if (info !== null) infos.push(info);
    }
    return infos;
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
   * @returns false where the very same was there, perhaps by an earlier try whose answer was lost
   * @throws StoreError `conflict` where another one was there
   */
  async write(manifest: Manifest, signal?: AbortSignal): Promise<boolean> {
    const { bucket, keys } = this.#context;
    const key = keys.manifest(manifest.info.instance, manifest.info.id);
    const bytes = encodeManifest(manifest);
    try {
      const etag = await bucket.put(key, bytes, { ifNoneMatch: '*' }, signal);
      this.#latest.set(manifest.info.instance, { key, etag, manifest });
      return true;
    } catch (error) {
      if (isStoreError(error, 'conflict')) return this.#acceptSame(key, manifest, signal);
      if (isStoreError(error, 'unsupported')) return this.#writeWithoutCondition(key, manifest, signal);
      throw error;
    }
  }

  /** A server that knows no conditions: look, write, and read back what is there now. */
  async #writeWithoutCondition(key: string, manifest: Manifest, signal?: AbortSignal): Promise<boolean> {
    if (await this.#context.bucket.head(key, signal)) return this.#acceptSame(key, manifest, signal);
    await this.#context.bucket.put(key, encodeManifest(manifest), {}, signal);
    await this.#acceptSame(key, manifest, signal);
    return true;
  }

  async #acceptSame(key: string, manifest: Manifest, signal?: AbortSignal): Promise<false> {
    const there = await this.#fetch(key, signal);
    if (there && sameFiles(there.manifest.files, manifest.files)) return false;
    throw alreadyThere(key);
  }

  async #header(listed: ListedManifest, signal?: AbortSignal): Promise<SnapshotInfo | null> {
    const { key, etag } = listed;
    const name = `${key} ${etag}`;
    const kept = this.#headers.get(name);
    if (kept) return kept;
    try {
      const info = await this.#readHeader(key, signal);
      if (info) this.#headers.set(name, info);
      return info;
    } catch (error) {
      if (!isStoreError(error, 'integrity')) throw error;
      return unreadable(listed);
    }
  }

  async #readHeader(key: string, signal?: AbortSignal): Promise<SnapshotInfo | null> {
    const { bucket } = this.#context;
    const beginning = await bucket.getBeginning(key, HEADER_BYTES, signal);
    if (beginning === null) return null; // Removed since it was listed.
    const info = decodeHeader(beginning.bytes, this.#place(key));
    if (info === null) return (await this.#fetch(key, signal))?.manifest.info ?? null;
    this.#requireOwn(key, info);
    return info;
  }

  async #fetch(key: string, signal?: AbortSignal): Promise<FetchedManifest | null> {
    const fetched = await this.#context.bucket.get(key, MAX_MANIFEST_BYTES, signal);
    if (fetched === null) return null;
    const manifest = await decodeManifest(fetched.bytes, this.#place(key));
    this.#requireOwn(key, manifest.info);
    return { key, etag: fetched.etag, manifest };
  }

  /** A manifest in the place of another, or of another instance's, would be listed, restored and pruned as that one. */
  #requireOwn(key: string, { instance, id }: SnapshotInfo): void {
    const { snapshots, removed } = this.#context.keys;
    const named = parseManifestKey(key, snapshots) ?? parseManifestKey(key, removed);
    if (named?.instance === instance && named.id === id) return;
    const says = JSON.stringify(`${instance} ${id}`.slice(0, 200));
    throw new StoreError('integrity', `${this.#place(key)} belongs to another snapshot: ${says}`, {
      remedy: 'Find out who else can write to the bucket. Use another snapshot, and take a new one.',
    });
  }

  async #listAll(prefix: string, startAfter?: string, signal?: AbortSignal): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    for await (const { objects } of this.#context.bucket.list(prefix, startAfter, signal)) found.push(...objects);
    return found;
  }

  #place(key: string): string {
    return `manifest ${key} of ${this.#context.bucket.location}`;
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

async function onePage<T>(pages: AsyncGenerator<T>): Promise<T> {
  const { value } = (await pages.next()) as { value: T };
  await pages.return(undefined);
  return value;
}
