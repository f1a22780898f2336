import type { Clock } from '../../lib/time.ts';
import { doubtfulTimes, type TimeDoubt } from '../../store/plausible-time.ts';
import { UNREADABLE_FORMAT, type SnapshotInfo, type Store } from '../../store/store.ts';
import { mergeOrder } from './merge-order.ts';
import { askStores, type UnaskedStore } from './unasked.ts';

/** A snapshot, and the stores that hold it, in their order. */
export interface ListedSnapshot {
  readonly info: SnapshotInfo;
  readonly stores: readonly string[];
  /** Why its time is not to be believed. */
  readonly timeDoubt?: TimeDoubt;
}

/** What the stores of an instance hold, as far as they could be asked. */
export interface SnapshotListing {
  /** Newest first, each once. */
  readonly snapshots: readonly ListedSnapshot[];
  /** Stores that may hold more. */
  readonly unasked: readonly UnaskedStore[];
}

export interface ListContext {
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/**
 * The snapshots of one instance over several stores. A store that does not answer keeps nobody from what the others
 * hold. @throws where none answers
 */
export async function listSnapshots(
  stores: readonly Store[],
  instance: string,
  { clock, signal }: ListContext,
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
  const order = mergeOrder(answers.map(({ answer }) => answer));
  const snapshots = order.flatMap((id) => found.get(id) ?? []);
  return { snapshots: withDoubts(snapshots, clock.now()), unasked };
}

function withDoubts(listed: readonly ListedSnapshot[], now: number): ListedSnapshot[] {
  const infos = listed.map(({ info }) => info);
  const doubts = doubtfulTimes(infos, now);
  return listed.map((each) => {
    const timeDoubt = doubts.get(each.info);
    return timeDoubt === undefined ? each : { ...each, timeDoubt };
  });
}

/** Where one store's copy is too damaged to say what it is, another's may not be. */
function readable(known: SnapshotInfo, other: SnapshotInfo): SnapshotInfo {
  return known.format === UNREADABLE_FORMAT ? other : known;
}
