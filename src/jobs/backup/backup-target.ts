import { unchangedSince } from '../../snapshot/treat/apply-policy.ts';
import { isUnchanged } from '../../snapshot/changes/compare-headers.ts';
import { nearTotalLoss, type Loss } from '../../snapshot/changes/loss.ts';
import { judgeServer, liveServer, savedServer } from '../../snapshot/changes/same-server.ts';
import type { StoreView } from '../../snapshot/treat/apply-policy.ts';
import { isRegular } from '../../store/flags.ts';
import type { Store } from '../../store/store.ts';
import { newestSound, openTarget, type Target } from '../snapshots/open-target.ts';
import type { SavedSnapshot } from '../snapshots/saved-snapshot.ts';

/** A store as a backup found it, with the snapshots that say what the instance is known to have. */
export interface BackupTarget extends Target {
  /** The newest that `latest` can mean: `latest` itself, unless that is a safety snapshot or unconfirmed. */
  readonly regular: SavedSnapshot | null;
  /** The newest but for safety snapshots, where that one is unconfirmed. */
  readonly unconfirmed: SavedSnapshot | null;
}

/** Opens what a backup compares with. A store that cannot be read is a target with an `error`. */
export async function openBackupTarget(store: Store, instance: string, signal: AbortSignal): Promise<BackupTarget> {
  const target = await openTarget(store, instance, signal);
  const { latest } = target;
  if (latest === null || isRegular(latest.info)) return { ...target, regular: latest, unconfirmed: null };
  try {
    const listed = await store.list(instance, signal);
    const open = (infos: typeof listed): Promise<SavedSnapshot | null> => newestSound(store, infos, signal);
    const [newest] = listed.filter(({ flags }) => !flags.includes('safety'));
    const isUnconfirmed = newest?.flags.includes('unconfirmed') === true;
    return {
      ...target,
      regular: await open(listed.filter(isRegular)),
      unconfirmed: isUnconfirmed ? await open([newest]) : null,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    return { store, latest: null, regular: null, unconfirmed: null, error };
  }
}

/**
 * What was lost since the newest regular snapshot, where nearly everything was: also where an unconfirmed one shows the
 * loss already. A server that has nothing, and is not known to be the same, has lost everything.
 */
export function lossSince({ regular }: BackupTarget, view: StoreView): Loss | null {
  if (regular === null) return null;
  const loss = nearTotalLoss(regular, view);
  if (loss) return loss;
  const before = savedServer(regular);
  return judgeServer(before, liveServer(view)) === 'empty' ? { lost: before.items, of: before.items } : null;
}

/**
 * The snapshot that holds what was read already, so that nothing is to be saved; null where there is none. A state that
 * lost nearly everything is known from an unconfirmed snapshot alone. Once most is back it is saved, so that the newest
 * snapshot is a regular one again. Otherwise the newest regular one tells: what a restore leaves behind gets a snapshot
 * of its own, unless a regular one holds it.
 */
export async function knownAs(
  { latest, regular, unconfirmed }: BackupTarget,
  view: StoreView,
  isLoss: boolean,
): Promise<SavedSnapshot | null> {
  if (!isLoss && unconfirmed) return null;
  const known = isLoss ? unconfirmed : regular;
  if (known === null) return null;
  const isBase = known.id === latest?.id;
  // What was carried over unread, from an encrypted base, can be compared with that one alone.
  if (!isBase && view.kept.size > 0) return null;
  const unchanged = isBase ? view.unchanged : await unchangedSince(known, view);
  const before = { header: known.header, takenAt: known.takenAt, paths: known.files.keys() };
  const after = { header: view.header, paths: view.files.keys(), unchanged };
  return isUnchanged(before, after, Date.parse(view.takenAt)) ? known : null;
}
