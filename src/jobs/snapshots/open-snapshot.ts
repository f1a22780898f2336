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
 * it is encrypted there and can be read here.
 * @throws UsageError if there is none; StoreError; FlowkeepError `snapshot-format` or `hostile-path`
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
  const holders = listed.find((each) => each.info.id === chosen.id)?.stores ?? [];
  let found: OpenedSnapshot | undefined;
  for (const store of stores.filter(({ name }) => holders.includes(name))) {
    if (found && !found.snapshot.sealed) break;
    const stored = await store.open(instance, chosen.id, signal);
    if (found === undefined || !stored.sealed) found = { store, snapshot: await savedSnapshot(stored, signal) };
  }
  if (found) return found;
  throw new UsageError(`no store holds snapshot ${chosen.id}`);
}

/**
 * The same for callers that need its content.
 * @throws StoreError `identity-missing` or `identity-wrong` where it is encrypted and cannot be read
 */
export async function openReadable(...args: Parameters<typeof openSnapshot>): Promise<OpenedSnapshot> {
  const opened = await openSnapshot(...args);
  if (opened.snapshot.sealed) throw opened.snapshot.sealed.error;
  return opened;
}
