import type { SnapshotInfo, Store } from '../../store/store.ts';

/** A snapshot, and the stores that hold it. */
export interface ListedSnapshot {
  readonly info: SnapshotInfo;
  readonly stores: readonly string[];
}

/** The snapshots of one instance over several stores, newest first, each once. @throws StoreError */
export async function listSnapshots(
  stores: readonly Store[],
  instance: string,
  signal: AbortSignal,
): Promise<ListedSnapshot[]> {
  const found = new Map<string, { info: SnapshotInfo; stores: string[] }>();
  for (const store of stores) {
    for (const info of await store.list(instance, signal)) {
      const entry = found.get(info.id) ?? { info, stores: [] };
      entry.stores.push(store.name);
      found.set(info.id, entry);
    }
  }
  return [...found.values()].sort((a, b) => (a.info.id < b.info.id ? 1 : -1));
}
