import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import type { Store } from '../../store/store.ts';
import { savedSnapshot, type SavedSnapshot } from './saved-snapshot.ts';

/** A store as a backup found it. */
export interface Target {
  readonly store: Store;
  /** The newest snapshot that can be read. */
  readonly latest: SavedSnapshot | null;
  /** What is wrong with a newer snapshot than `latest`: then a new one is saved although nothing changed. */
  readonly damage?: string;
  /** Why nothing can be saved there. */
  readonly error?: unknown;
}

/** Opens the newest snapshot of a store. A store that cannot be read is distinguished from one that holds damage. */
export async function openTarget(store: Store, instance: string, signal: AbortSignal): Promise<Target> {
  try {
    const stored = await store.latest(instance, signal);
    return { store, latest: stored && (await savedSnapshot(stored, signal)) };
  } catch (error) {
    if (signal.aborted) throw error;
    if (!isDamage(error)) return { store, latest: null, error };
    return { store, latest: await newestUndamaged(store, instance, signal), damage: messageOf(error) };
  }
}

/** A damaged newest snapshot must not keep new ones from being taken: an older one then tells what changed. */
async function newestUndamaged(store: Store, instance: string, signal: AbortSignal): Promise<SavedSnapshot | null> {
  for (const info of await store.list(instance, signal)) {
    try {
      return await savedSnapshot(await store.open(info.instance, info.id, signal), signal);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
  return null;
}

/** Also a header that is stored as it was saved but cannot be used; one of a newer format is no damage. */
function isDamage(error: unknown): boolean {
  return error instanceof FlowkeepError && error.exitCode === EXIT.integrity;
}
