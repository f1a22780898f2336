// What a store can do for its upkeep, where it keeps bytes that snapshots share: collect garbage, and repair.

import type { DraftFile, Store } from './store.ts';

/** What one collection of garbage did, or with `dryRun` would have done. */
export interface GarbageReport {
  /** Objects that were looked at, and those of them that no snapshot names. */
  readonly examined: number;
  readonly unnamed: number;
  /** Unnamed objects that are kept, because they are younger than the grace time. */
  readonly tooYoung: number;
  readonly removed: number;
  /** Bytes as stored. */
  readonly removedBytes: number;
  /** What could not be removed, and why, in the server's words. */
  readonly failed: readonly { readonly object: string; readonly reason: string }[];
  /** Such as: the bucket keeps older versions, so that no space was freed. */
  readonly warnings: readonly string[];
}

export interface GarbageOptions {
  /**
   * How long objects that no snapshot names are kept, in milliseconds. Default: the store's own. Never shorter than any
   * writer's.
   */
  readonly graceMs?: number;
  /** Milliseconds since 1970. Default: the server's clock. */
  readonly now?: number;
  /** Only tells what would go. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** A store in which removing a snapshot leaves its bytes behind, because other snapshots may share them. */
export interface CollectsGarbage {
  /**
   * Removes bytes that no snapshot names and that are older than the grace time. A save at the same moment loses
   * nothing. Safe to interrupt and to run twice at once.
   * @throws StoreError `integrity` where a manifest cannot be read: then it is not known what is garbage, and nothing
   * goes
   */
  collectGarbage(options?: GarbageOptions): Promise<GarbageReport>;
}

/** A store whose damaged bytes can be repaired from a copy of them. */
export interface Repairs {
  /** Remembers objects (`StoredSnapshot.objectOf`) that were found damaged or missing. Idempotent. */
  markDamaged(objects: Iterable<string>, signal?: AbortSignal): Promise<void>;
  /** The objects that are remembered as damaged. One request; an empty list in a healthy store. */
  repairNeeded(signal?: AbortSignal): Promise<string[]>;
  /**
   * Stores again what is damaged and among these files, or what the store has another copy of, for every snapshot that
   * names it. A backup calls it before it saves, and where it finds its instance unchanged.
   * @returns the objects that are whole again
   */
  repair(files: ReadonlyMap<string, DraftFile>, signal?: AbortSignal): Promise<string[]>;
}

export function collectsGarbage(store: Store): store is Store & CollectsGarbage {
  return 'collectGarbage' in store;
}

export function repairs(store: Store): store is Store & Repairs {
  return 'repairNeeded' in store;
}
