import type { Collected } from '../../snapshot/collect/collect.ts';
import { unchangedSince } from '../../snapshot/treat/apply-policy.ts';
import type { Store } from '../../store/store.ts';
import { newestSound } from '../snapshots/open-target.ts';
import type { SavedSnapshot } from '../snapshots/saved-snapshot.ts';
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
  // Where it is damaged, or not taken for what flowkeep saved, the state is saved again.
  const snapshot = await newestSound(store, [newest], signal);
  return snapshot && { snapshot, unchanged: await unchangedSince(snapshot, view) };
}
