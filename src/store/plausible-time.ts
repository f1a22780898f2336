import { CLOCK_TOLERANCE_MS } from '../lib/time.ts';
import type { SnapshotInfo } from './store.ts';

/**
 * Why the time of a snapshot is not believed: it is in the future, or does not fit between those of the snapshots that
 * were saved before and after it.
 */
export type TimeDoubt = 'future' | 'order';

type Dated = Pick<SnapshotInfo, 'takenAt'>;

/**
 * Whose times are not to be believed. The store says what came after what, so that times which do not rise with the
 * order are wrong; of those that contradict each other, the larger part that agrees is believed, and of two halves the
 * earlier one. Nothing is removed or hidden on this account: it says which times decide nothing.
 * @param newestFirst the snapshots of one instance, in the store's order
 * @param now milliseconds since 1970
 */
export function doubtfulTimes<Each extends Dated>(newestFirst: readonly Each[], now: number): Map<Each, TimeDoubt> {
  const doubts = new Map<Each, TimeDoubt>();
  const past = newestFirst.filter((each) => {
    const isFuture = isInFuture(each.takenAt, now);
    if (isFuture) doubts.set(each, 'future');
    return !isFuture;
  });
  const times = past.map(({ takenAt }) => Date.parse(takenAt));
  const believed = longestFalling(times);
  /** Of the believed ones around the one that is looked at: the next newer, and those that are older. */
  let newer = Number.POSITIVE_INFINITY;
  const older = believed.map((index) => times[index] ?? 0);
  const isBelieved = new Set(believed);
  for (const [index, each] of past.entries()) {
    const time = times[index] ?? 0;
    if (isBelieved.has(index)) {
      newer = older.shift() ?? newer;
      continue;
    }
    const oldest = (older[0] ?? Number.NEGATIVE_INFINITY) - CLOCK_TOLERANCE_MS;
    if (time > newer + CLOCK_TOLERANCE_MS || time < oldest) doubts.set(each, 'order');
  }
  return doubts;
}

/** Whether a time is further ahead of now than clocks may be apart. */
export function isInFuture(takenAt: string, now: number): boolean {
  return Date.parse(takenAt) > now + CLOCK_TOLERANCE_MS;
}

/** Which of two times is later, by the sign; one in the future is not believed, and so before any that is not. */
export function compareTimes(a: string, b: string, now: number): number {
  const [isOfFuture, otherIs] = [isInFuture(a, now), isInFuture(b, now)];
  return isOfFuture === otherIs ? Date.parse(a) - Date.parse(b) : isOfFuture ? -1 : 1;
}

/** The indexes of a longest part of these numbers that never rises, by patience sorting. */
function longestFalling(numbers: readonly number[]): number[] {
  /** Of the parts of each length, the index at which the one ends that more can follow. */
  const ends: number[] = [];
  const previous: (number | undefined)[] = [];
  const valueAt = (index: number | undefined): number => (index === undefined ? Number.NaN : (numbers[index] ?? 0));
  for (const [index, number] of numbers.entries()) {
    let [lower, upper] = [0, ends.length];
    while (lower < upper) {
      const middle = (lower + upper) >> 1;
      if (valueAt(ends[middle]) >= number) lower = middle + 1;
      else upper = middle;
    }
    previous.push(ends[lower - 1]);
    ends[lower] = index;
  }
  const found: number[] = [];
  for (let index = ends.at(-1); index !== undefined; index = previous[index]) found.push(index);
  return found.reverse();
}
