import type { Collected } from '../../snapshot/collect/collect.ts';
import { FlowkeepError } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import type { SnapshotInfo, Store } from '../../store/store.ts';
import { savedSnapshot, type SavedSnapshot } from '../snapshots/saved-snapshot.ts';
import type { BackupRun } from './backup-types.ts';

/** A snapshot that a store has, and which files of what was read it holds already, by their paths. */
interface Known {
  readonly snapshot: SavedSnapshot;
  readonly unchanged: ReadonlySet<string>;
}

/**
 * The newest regular snapshot, where the newest of all is a safety snapshot: `latest` never names that one, so that the
 * state which a restore leaves behind gets a snapshot of its own, unless a regular one holds that state already.
 * @returns null where there is none, or it cannot be compared
 */
export async function regularBefore(
  { instance, signal }: BackupRun,
  store: Store,
  safety: SavedSnapshot,
  view: Pick<Collected, 'files' | 'kept'>,
): Promise<Known | null> {
  if (view.kept.size > 0) return null;
  const [newest] = (await store.list(instance, signal)).filter(({ flags }) => !flags.includes('safety'));
  if (!newest || newest.takenAt > safety.takenAt) return null;
  const snapshot = await openSound(store, newest, signal);
  if (snapshot === null) return null;
  const unchanged = new Set<string>();
  for (const [path, file] of view.files) if (snapshot.matches(path, await file.read())) unchanged.add(path);
  return { snapshot, unchanged };
}

/** null where it is damaged, or not taken for what flowkeep saved: then the state is saved again. */
async function openSound(
  store: Store,
  { instance, id }: SnapshotInfo,
  signal: AbortSignal,
): Promise<SavedSnapshot | null> {
  try {
    const snapshot = await savedSnapshot(await store.open(instance, id, signal), signal);
    return snapshot.doubts.length > 0 ? null : snapshot;
  } catch (error) {
    if (error instanceof FlowkeepError && error.exitCode === EXIT.integrity) return null;
    throw error;
  }
}
