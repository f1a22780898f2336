import { doubtfulTimes } from '../../store/plausible-time.ts';
import type { SnapshotInfo } from '../../store/store.ts';

/** What one store lists, newest first, with the time that counts where no store tells what came first. */
interface Lane {
  readonly ids: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
  readonly times: readonly number[];
  at: number;
}

/**
 * The ids of several stores' listings in one order, newest first, each once. What a store says of two of its snapshots
 * stands; between snapshots that no store has both of, the time decides. A time that does not fit its own store's order
 * decides nothing: the snapshot stays with the one that it follows. Where two stores contradict each other, as after
 * one was copied together by hand, the time decides as well.
 */
export function mergeOrder(listings: readonly (readonly SnapshotInfo[])[]): string[] {
  const lanes = listings.map(toLane);
  const merged = new Set<string>();
  for (;;) {
    for (const lane of lanes) while (merged.has(lane.ids[lane.at] ?? '')) lane.at += 1;
    const heads = lanes.flatMap((lane) => lane.ids.slice(lane.at, lane.at + 1));
    if (heads.length === 0) return [...merged];
    const free = heads.filter((id) => lanes.every((lane) => (lane.positions.get(id) ?? lane.at) === lane.at));
    merged.add(newestOf(free.length > 0 ? free : heads, lanes));
  }
}

function toLane(newestFirst: readonly SnapshotInfo[]): Lane {
  const doubts = doubtfulTimes(newestFirst, Number.POSITIVE_INFINITY);
  const times: number[] = [];
  for (const info of newestFirst.toReversed()) {
    const own = Date.parse(info.takenAt);
    times.push(doubts.has(info) ? (times.at(-1) ?? own) : own);
  }
  const ids = newestFirst.map(({ id }) => id);
  return { ids, positions: new Map(ids.map((id, index) => [id, index])), times: times.reverse(), at: 0 };
}

function newestOf(ids: readonly string[], lanes: readonly Lane[]): string {
  const timeOf = (id: string): number =>
    Math.max(...lanes.map((lane) => lane.times[lane.positions.get(id) ?? -1] ?? 0));
  return ids.reduce((best, id) => {
    const difference = timeOf(id) - timeOf(best);
    return difference > 0 || (difference === 0 && id > best) ? id : best;
  });
}
