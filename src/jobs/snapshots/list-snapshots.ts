import { UNREADABLE_FORMAT, type SnapshotInfo, type Store } from '../../store/store.ts';
import { askStores, type UnaskedStore } from './unasked.ts';

/** A snapshot, and the stores that hold it, in their order. */
export interface ListedSnapshot {
  readonly info: SnapshotInfo;
  readonly stores: readonly string[];
}

/** What the stores of an instance hold, as far as they could be asked. */
export interface SnapshotListing {
  /** Newest first, each once. */
  readonly snapshots: readonly ListedSnapshot[];
  /** Stores that may hold more. */
  readonly unasked: readonly UnaskedStore[];
}

/**
 * The snapshots of one instance over several stores. A store that does not answer keeps nobody from what the others
 * hold. @throws where none answers
 */
export async function listSnapshots(
  stores: readonly Store[],
  instance: string,
  signal: AbortSignal,
): Promise<SnapshotListing> {
  const { answers, unasked } = await askStores(stores, signal, (store) => store.list(instance, signal));
  const found = new Map<string, ListedSnapshot>();
  for (const { store, answer } of answers) {
    for (const info of answer) {
      const known = found.get(info.id);
      const names = [...(known?.stores ?? []), store.name];
      found.set(info.id, { info: known ? readable(known.info, info) : info, stores: names });
    }
  }
  const snapshots = [...found.values()].sort((a, b) => (a.info.id < b.info.id ? 1 : -1));
  return { snapshots, unasked };
}

/** Where one store's copy is too damaged to say what it is, another's may not be. */
function readable(known: SnapshotInfo, other: SnapshotInfo): SnapshotInfo {
  return known.format === UNREADABLE_FORMAT ? other : known;
}
