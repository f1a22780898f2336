import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import type { SnapshotInfo, Store } from '../../store/store.ts';
import { repairs, type Repairs } from '../../store/upkeep.ts';
import { savedSnapshot, type SavedSnapshot } from './saved-snapshot.ts';

/** A store as a backup found it. */
export interface Target {
  readonly store: Store;
  /** The newest snapshot that can be built upon. */
  readonly latest: SavedSnapshot | null;
  /** What is wrong with a newer snapshot than `latest`: then a new one is saved although nothing changed. */
  readonly damage?: string;
  /** When that one was taken, as it says: the new one is to come after it. */
  readonly newestAt?: string;
  /** What was saved there before and is not in all of its places yet, or that one of them could not be asked. */
  readonly owed?: FlowkeepError;
  /** Why nothing can be saved there. */
  readonly error?: unknown;
}

/** Whether a store answers and lists no snapshot: what is saved there is its first. */
export function isEmptyTarget({ latest, damage, error }: Target): boolean {
  return latest === null && damage === undefined && error === undefined;
}

/** Opens the newest snapshot of a store. A store that cannot be read is distinguished from one that holds damage. */
export async function openTarget(store: Store, instance: string, signal: AbortSignal): Promise<Target> {
  return lookInto(store, instance, signal, true);
}

async function mends(store: Store & Repairs, signal: AbortSignal): Promise<boolean> {
  try {
    await store.repair(new Map(), signal);
    return true;
  } catch (error) {
    if (signal.aborted || !(error instanceof FlowkeepError)) throw error;
    return false;
  }
}

async function lookInto(store: Store, instance: string, signal: AbortSignal, mayMend: boolean): Promise<Target> {
  try {
    const stored = await store.latest(instance, signal);
    const latest = stored && (await savedSnapshot(stored, signal));
    const [doubt] = latest?.doubts ?? [];
    const displaced = stored?.displaced === undefined ? {} : { damage: stored.displaced };
    const owed = stored?.owed === undefined ? {} : { owed: stored.owed };
    if (!latest || doubt === undefined) return { store, latest, ...displaced, ...owed };
    const damage =
      `snapshot ${latest.id} in store ${store.name} is not taken for what flowkeep saved: ${latest.doubts.join('; ')}. ` +
      'Nothing of it is used, and everything is encrypted again';
    const sound = await newestSound(store, await store.list(instance, signal), signal);
    return { store, latest: sound ?? withoutContent(latest), damage, newestAt: latest.takenAt };
  } catch (error) {
    if (signal.aborted) throw error;
    if (!isDamage(error)) return { store, latest: null, error };
    // What can be had again without n8n is put back first: then the new snapshot is compared with the newest there is.
    if (mayMend && repairs(store) && (await mends(store, signal))) return lookInto(store, instance, signal, false);
    const listed = await listUnlessDamaged(store, instance, signal);
    const told = { damage: messageOf(error), ...(listed[0] ? { newestAt: listed[0].takenAt } : {}) };
    return { store, latest: await newestSound(store, listed, signal), ...told };
  }
}

async function listUnlessDamaged(store: Store, instance: string, signal: AbortSignal): Promise<SnapshotInfo[]> {
  try {
    return await store.list(instance, signal);
  } catch (error) {
    if (signal.aborted || !isDamage(error)) throw error;
    return [];
  }
}

/** Snapshots that nothing proves, in a row: more of them are no accident, and there may be thousands of them. */
const MAX_DOUBTFUL = 20;

/**
 * The first of these snapshots that is neither damaged nor doubtful, or null. A damaged newest snapshot must not keep
 * new ones from being taken: an older one then tells what changed.
 */
export async function newestSound(
  store: Store,
  listed: readonly SnapshotInfo[],
  signal: AbortSignal,
): Promise<SavedSnapshot | null> {
  let doubtful = 0;
  for (const info of listed) {
    try {
      const snapshot = await savedSnapshot(await store.open(info.instance, info.id, signal), signal);
      if (snapshot.doubts.length === 0) return snapshot;
      doubtful += 1;
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    if (doubtful === MAX_DOUBTFUL) return null;
  }
  return null;
}

/**
 * Tells that there was a snapshot, and nothing of what is in it: it may be somebody else's, and what a backup takes
 * over counts as flowkeep's from then on.
 */
function withoutContent(snapshot: SavedSnapshot): SavedSnapshot {
  return {
    ...snapshot,
    header: { ...snapshot.header, n8nVersion: null, kinds: {} },
    files: new Map(),
    sealed: undefined,
    needsReencryption: true,
    matches: () => false,
  };
}

/** Also a header that is stored as it was saved but cannot be used; one of a newer format is no damage. */
export function isDamage(error: unknown): error is FlowkeepError {
  return error instanceof FlowkeepError && error.exitCode === EXIT.integrity;
}
