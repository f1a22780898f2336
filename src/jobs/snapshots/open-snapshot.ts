// Finding and opening snapshots for a command: list, select by id or time, check before use. What every job
// needs of stored snapshots enters, nothing that only one of them needs.

import { UsageError } from '../../lib/errors.ts';
import type { Store } from '../../store/store.ts';
import { listSnapshots } from './list-snapshots.ts';
import { savedSnapshot, type SavedSnapshot } from './saved-snapshot.ts';
import { selectSnapshot } from './select-snapshot.ts';

export interface OpenedSnapshot {
  readonly store: Store;
  readonly snapshot: SavedSnapshot;
}

/**
 * Opens the snapshot that a SNAPSHOT argument names, from the first of the stores that holds it; from another one where
 * it is encrypted there and can be read here. For callers that show what it is and not its content: who uses that asks
 * `openVerified` instead.
 * @throws UsageError if there is none; StoreError; FlowkeepError `snapshot-format` or `hostile-path`
 */
export async function openSnapshot(
  stores: readonly Store[],
  instance: string,
  selector: string,
  signal: AbortSignal,
): Promise<OpenedSnapshot> {
  const { id, holders } = await findSnapshot(stores, instance, selector, signal);
  let found: OpenedSnapshot | undefined;
  for (const store of holders) {
    if (found && !found.snapshot.sealed) break;
    const stored = await store.open(instance, id, signal);
    if (found === undefined || !stored.sealed) found = { store, snapshot: await savedSnapshot(stored, signal) };
  }
  if (found) return found;
  throw new UsageError(`no store holds snapshot ${id}`);
}

/** The snapshot that a SNAPSHOT argument names, and the stores that hold it, in their order. @throws UsageError */
export async function findSnapshot(
  stores: readonly Store[],
  instance: string,
  selector: string,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly holders: readonly Store[] }> {
  const listed = await listSnapshots(stores, instance, signal);
  const { id } = selectSnapshot(
    listed.map(({ info }) => info),
    selector,
  );
  const names = listed.find(({ info }) => info.id === id)?.stores ?? [];
  return { id, holders: stores.filter(({ name }) => names.includes(name)) };
}
