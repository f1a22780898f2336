import { FlowkeepError } from '../../lib/errors.ts';
import { findShrunk } from '../../snapshot/changes/changes.ts';
import { isRegular } from '../../store/flags.ts';
import type { SnapshotInfo } from '../../store/store.ts';
import type { OpenedSnapshot } from './open-snapshot.ts';
import { isDamage } from './open-target.ts';
import { savedSnapshot } from './saved-snapshot.ts';

/** How many snapshots are looked back: with an hourly backup nearly a day. */
const LOOK_BACK = 20;

/** That a snapshot lacks most of what was there before it. */
export interface Shrinkage {
  /** Kinds that lost over half of their items. */
  readonly kinds: readonly string[];
  /** The last snapshot that had them. */
  readonly full: SnapshotInfo;
}

/**
 * Whether a snapshot that was chosen by `latest` or a time, not by its id, still lacks most of what one shortly before
 * it had: a shrink may be a few snapshots old. Where somebody confirmed a state since, that is what it is to be.
 * @returns null where it does not, or who asked named it by its id
 * @throws StoreError
 */
export async function shrinkageOf(
  { store, snapshot }: Pick<OpenedSnapshot, 'store' | 'snapshot'>,
  selector: string,
  signal: AbortSignal,
): Promise<Shrinkage | null> {
  const { info, header } = snapshot;
  if (info.id.toLowerCase().startsWith(selector.toLowerCase())) return null;
  const regular = (await store.list(info.instance, signal)).filter(isRegular);
  const start = regular.findIndex(({ id }) => id === info.id);
  if (start === -1) return null;
  const window = regular.slice(start, start + LOOK_BACK);
  const confirmed = window.findIndex(({ flags }) => flags.includes('confirmed'));
  const since = confirmed === -1 ? window : window.slice(0, confirmed);
  for (const [index, { flags }] of since.entries()) {
    if (!flags.includes('shrunk')) continue;
    const full = regular.slice(start + index + 1).find((older) => !older.flags.includes('shrunk'));
    if (!full) return null;
    const kinds = await unlessDamaged(async () => {
      const before = await savedSnapshot(await store.open(full.instance, full.id, signal), signal);
      return findShrunk(before.header, header);
    });
    if (kinds !== null && kinds.length > 0) return { kinds, full };
  }
  return null;
}

async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return null;
  }
}

/** What stops a restore, with both ways on. */
export function shrunkError({ id, instance }: SnapshotInfo, { kinds, full }: Shrinkage): FlowkeepError {
  const which = `--instance ${instance}`;
  return new FlowkeepError(
    'shrunk-snapshot',
    `nothing was restored: snapshot ${id} has less than half of the ${kinds.join(', ')} that snapshot ${full.id} ` +
      `(${full.takenAt}) has, which is the last full one`,
    {
      remedy:
        `To bring everything back: flowkeep restore ${full.id} ${which}. To restore this one all the same, name it: ` +
        `flowkeep restore ${id} ${which}`,
    },
  );
}
