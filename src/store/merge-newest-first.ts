import type { SnapshotInfo } from './store.ts';

/**
 * Puts lists together that are each newest first and have nothing to do with each other, as those of several instances:
 * the order within each stays, and between them the time decides.
 */
export function mergeNewestFirst(lists: Iterable<readonly SnapshotInfo[]>): SnapshotInfo[] {
  const waiting = [...lists].map((list) => ({ list, at: 0 }));
  const merged: SnapshotInfo[] = [];
  for (;;) {
    const heads = waiting.filter(({ list, at }) => at < list.length);
    const [first, ...others] = heads;
    if (!first) return merged;
    const timeOf = ({ list, at }: (typeof heads)[number]): number => Date.parse(list[at]?.takenAt ?? '');
    const next = others.reduce((best, other) => (timeOf(other) > timeOf(best) ? other : best), first);
    merged.push(...next.list.slice(next.at, next.at + 1));
    next.at += 1;
  }
}
