// Snapshots as content-addressed objects with one manifest each, over the narrow `Bucket` interface. What
// only one service does differently belongs in `buckets/`.

import { silentLogger, type Logger } from '../../lib/logger.ts';
import { systemClock, type Clock } from '../../lib/time.ts';
import { isStoreError, StoreError } from '../errors.ts';
import { mergeNewestFirst } from '../merge-newest-first.ts';
import type {
  DraftFile,
  SaveResult,
  SnapshotDraft,
  SnapshotInfo,
  Store,
  StoredDocument,
  StoredSnapshot,
} from '../store.ts';
import type { CollectsGarbage, GarbageOptions, GarbageReport, Repairs } from '../upkeep.ts';
import type { Bucket } from './bucket.ts';
import type { ObjectStoreContext } from './context.ts';
import { listDamaged, markDamaged, repairDamaged } from './upkeep/damage.ts';
import { Documents } from './documents.ts';
import { collectGarbage } from './upkeep/garbage.ts';
import { createKeys } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { alreadyThere, Manifests, sameFiles } from './listing/manifests.ts';
import type { ListedManifest } from './listing/order.ts';
import { probe } from './upkeep/probe.ts';
import { removeSnapshot } from './upkeep/remove.ts';
import { ManifestSnapshot } from './snapshot.ts';
import { findTraces } from './upkeep/traces.ts';
import { uploadFiles } from './upload.ts';

export type ObjectStore = Store & CollectsGarbage & Repairs;

export interface ObjectStoreOptions {
  /** The store's name in the config. */
  readonly name: string;
  /** Folder inside the bucket, without a leading or trailing slash; empty for the whole bucket. */
  readonly prefix: string;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /**
   * For how many milliseconds an object that no manifest names is kept. A save must take less than half of it.
   * Every writer of a bucket and prefix uses the same. Default: 24 hours.
   */
  readonly graceMs?: number;
  /** Whether small files are kept inside the manifest, which saves requests. Default true. */
  readonly inline?: boolean;
}

const DEFAULT_GRACE_MS = 24 * 60 * 60 * 1000;
/** S3 refuses signatures that are further off than this; a snapshot's id must not be either. */
const MAX_CLOCK_SKEW_MS = 15 * 60 * 1000;

/**
 * A store of snapshots in a bucket, whichever driver brings it. Nothing is asked before the first call; with the
 * store, the bucket ends. docs/s3-store.md describes what is in the bucket.
 */
export function createObjectStore(bucket: Bucket, options: ObjectStoreOptions): ObjectStore {
  return new BucketStore(options.name, {
    bucket,
    keys: createKeys(options.prefix),
    graceMs: options.graceMs ?? DEFAULT_GRACE_MS,
    inline: options.inline ?? true,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  });
}

class BucketStore implements ObjectStore {
  readonly name: string;
  readonly location: string;
  readonly retention = 'policy';
  readonly #context: ObjectStoreContext;
  readonly #manifests: Manifests;
  readonly #documents: Documents;

  constructor(name: string, context: ObjectStoreContext) {
    this.name = name;
    this.location = context.bucket.location;
    this.#context = context;
    this.#manifests = new Manifests(context);
    this.#documents = new Documents(context);
  }

  async check(signal?: AbortSignal): Promise<void> {
    const { bucket, keys } = this.#context;
    for await (const _page of bucket.list(keys.snapshots, undefined, signal)) break;
    this.#checkClock();
    await probe(this.#context, signal);
    await this.#documents.honoursConditions(signal);
  }

  async list(instance?: string, signal?: AbortSignal): Promise<SnapshotInfo[]> {
    const listed = await this.#manifests.list(instance, signal);
    return byInstance(await this.#manifests.headers.of(listed.toReversed(), signal));
  }

  async listForRemoval(instance: string, signal?: AbortSignal): Promise<SnapshotInfo[]> {
    const listed = await this.#manifests.list(instance, signal);
    return this.#manifests.headers.fromManifests(listed.toReversed(), signal);
  }

  async traces(instance: string, signal?: AbortSignal): Promise<string | null> {
    return findTraces(this.#context, instance, signal);
  }

  async latest(instance: string, signal?: AbortSignal): Promise<StoredSnapshot | null> {
    for (;;) {
      const newest = await this.#manifests.newest(instance, signal);
      if (newest === null) return null;
      const manifest = await this.#manifests.readNewest(newest, signal);
      // Null: removed between the two requests. Then another one is the newest.
      if (manifest) return new ManifestSnapshot(this.#context, manifest);
    }
  }

  async open(instance: string, id: string, signal?: AbortSignal): Promise<StoredSnapshot> {
    const manifest = await this.#manifests.read(instance, id, signal);
    if (manifest) return new ManifestSnapshot(this.#context, manifest);
    throw new StoreError('not-found', `store ${this.name} has no snapshot ${id} of ${instance}`, {
      remedy: 'Run `flowkeep snapshots` to see which there are.',
    });
  }

  async save(draft: SnapshotDraft, signal?: AbortSignal): Promise<SaveResult> {
    const { info, body } = draft;
    const { bucket } = this.#context;
    const startedAt = bucket.serverTime().now;
    const warnings: string[] = [];
    const newest = await this.#manifests.newest(info.instance, signal);
    // No id sorts behind the place of the newest: one that would cannot be there yet.
    const existing =
      newest && newest.place.after >= info.id ? await this.#manifests.read(info.instance, info.id, signal) : null;
    if (existing) return keepExisting(existing, draft);
    const base = newest && (await this.#readBase(newest, warnings, signal));
    this.#checkClock();
    const damaged = await this.repairNeeded(signal);
    await repairDamaged(this.#context, damaged, draft.files, signal);
    const uploaded = await uploadFiles(this.#context, draft, base, new Set(damaged), signal);
    // By the server's clock, which says how old objects are; this machine's may have been set meanwhile.
    const took = bucket.serverTime().now - startedAt;
    if (took > this.#context.graceMs / 2) throw this.#tookTooLong(info, took);
    await this.#manifests.markPlace(info, newest, signal);
    // Last: what is complete becomes visible in one step.
    const etag = await this.#manifests.write({ info, body, files: uploaded.files }, signal);
    if (etag === null) return { info, filesWritten: 0, bytesWritten: 0, warnings };
    const listed = await this.#manifests.list(info.instance, signal);
    warnings.push(...(await this.#manifests.headers.enter(info.instance, listed, signal)));
    const { filesWritten, bytesWritten } = uploaded;
    return { info, filesWritten, bytesWritten, warnings };
  }

  async remove(instance: string, id: string, signal?: AbortSignal): Promise<void> {
    await removeSnapshot(this.#context, instance, id, signal);
  }

  async readDocument(name: string, signal?: AbortSignal): Promise<StoredDocument | null> {
    return this.#documents.read(name, signal);
  }

  async writeDocument(
    name: string,
    content: Uint8Array,
    expected: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#documents.write(name, content, expected, signal);
  }

  async removeDocument(name: string, expected: string, signal?: AbortSignal): Promise<void> {
    await this.#documents.remove(name, expected, signal);
  }

  async collectGarbage(options: GarbageOptions = {}): Promise<GarbageReport> {
    const report = await collectGarbage(this.#context, this.#manifests, options);
    if (options.dryRun !== true)
      await this.#manifests.headers.remake(await this.#manifests.list(undefined, options.signal), options.signal);
    return report;
  }

  async markDamaged(objects: Iterable<string>, signal?: AbortSignal): Promise<void> {
    await markDamaged(this.#context, objects, signal);
  }

  async repairNeeded(signal?: AbortSignal): Promise<string[]> {
    return listDamaged(this.#context, signal);
  }

  async repair(files: ReadonlyMap<string, DraftFile>, signal?: AbortSignal): Promise<string[]> {
    return repairDamaged(this.#context, await this.repairNeeded(signal), files, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.bucket[Symbol.asyncDispose]();
  }

  /** The manifest that tells which objects are there. Without it the save takes longer, and heals the store. */
  async #readBase(newest: ListedManifest, warnings: string[], signal?: AbortSignal): Promise<Manifest | null> {
    try {
      return await this.#manifests.readNewest(newest, signal);
    } catch (error) {
      if (!isStoreError(error, 'integrity')) throw error;
      warnings.push(`${error.message}; this snapshot does not build on it`);
      return null;
    }
  }

  #checkClock(): void {
    const { skewMs } = this.#context.bucket.serverTime();
    if (Math.abs(skewMs) <= MAX_CLOCK_SKEW_MS) return;
    const minutes = Math.round(Math.abs(skewMs) / 60_000);
    const direction = skewMs > 0 ? 'behind' : 'ahead of';
    throw new StoreError('failed', `this machine's clock is ${minutes} minutes ${direction} that of ${this.location}`, {
      remedy: 'Correct the clock, for example with NTP: snapshots are named and kept by their time.',
    });
  }

  #tookTooLong({ instance, id }: SnapshotInfo, took: number): StoreError {
    const minutes = (ms: number): number => Math.round(ms / 60_000);
    const message =
      `saving snapshot ${id} of ${instance} took ${minutes(took)} minutes, of at most ` +
      `${minutes(this.#context.graceMs / 2)}`;
    return new StoreError('failed', message, {
      remedy: 'Run the backup again: uploaded objects are kept for half a day and need not be uploaded again.',
    });
  }
}

function byInstance(infos: SnapshotInfo[]): SnapshotInfo[] {
  return mergeNewestFirst(Map.groupBy(infos, (info) => info.instance).values());
}

/** Saving an id again: fine with the same files, refused with others. */
function keepExisting(existing: Manifest, { info, files }: SnapshotDraft): SaveResult {
  if (sameFiles(existing.files, files)) return { info: existing.info, filesWritten: 0, bytesWritten: 0, warnings: [] };
  throw alreadyThere(`snapshot ${info.id} of ${info.instance}`);
}
