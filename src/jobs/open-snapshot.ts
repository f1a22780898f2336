import { UsageError } from '../lib/errors.ts';
import type { SnapshotHeader } from '../snapshot/header.ts';
import type { Store, StoredSnapshot } from '../store/store.ts';
import { listSnapshots } from './list-snapshots.ts';
import { readTrustedHeader } from './read-trusted-header.ts';
import { selectSnapshot } from './select-snapshot.ts';

export interface OpenedSnapshot {
  readonly store: Store;
  readonly snapshot: StoredSnapshot;
  readonly header: SnapshotHeader;
}

/**
 * Opens the snapshot that a SNAPSHOT argument names, from the first of the stores that holds it.
 * @throws UsageError where there is none; StoreError; FlowkeepError `snapshot-format` or `hostile-path`
 */
export async function openSnapshot(
  stores: readonly Store[],
  instance: string,
  selector: string,
  signal: AbortSignal,
): Promise<OpenedSnapshot> {
  const listed = await listSnapshots(stores, instance, signal);
  const chosen = selectSnapshot(
    listed.map((each) => each.info),
    selector,
  );
  const holder = listed.find((each) => each.info.id === chosen.id)?.stores[0];
  const store = stores.find((each) => each.name === holder);
  if (!store) throw new UsageError(`no store holds snapshot ${chosen.id}`);
  const snapshot = await store.open(instance, chosen.id, signal);
  return { store, snapshot, header: await readTrustedHeader(snapshot, signal) };
}
