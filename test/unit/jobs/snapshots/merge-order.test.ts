import { describe, expect, it } from 'vitest';
import { mergeOrder } from '../../../../src/jobs/snapshots/merge-order.ts';
import { selectSnapshot } from '../../../../src/jobs/snapshots/select-snapshot.ts';
import { doubtfulTimes } from '../../../../src/store/plausible-time.ts';
import type { SnapshotInfo } from '../../../../src/store/store.ts';
import { makeDraft } from '../../../support/drafts.ts';

/** A snapshot of a day of November 2026, or of a time that a wrong clock gave it. */
const taken = (id: string, takenAt: string): SnapshotInfo => makeDraft({ id, takenAt, files: {} }).info;
const on = (day: number): SnapshotInfo => taken(`day${day}`, `2026-11-${String(day).padStart(2, '0')}T12:00:00Z`);
const ahead = taken('ahead', '2027-12-31T12:00:00Z');
const behind = taken('behind', '2025-01-01T12:00:00Z');
const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('the order over several stores', () => {
  it('the order of one store is its own', () => {
    expect(mergeOrder([])).toEqual([]);
    expect(mergeOrder([[on(3), ahead, on(1)]])).toEqual(['day3', 'ahead', 'day1']);
  });

  it('what each store says stands, and between them the time decides', () => {
    expect(
      mergeOrder([
        [on(4), on(2)],
        [on(3), on(1)],
      ]),
    ).toEqual(['day4', 'day3', 'day2', 'day1']);
    expect(
      mergeOrder([
        [on(4), ahead, on(2)],
        [on(4), on(3), on(2)],
      ]),
    ).toEqual(['day4', 'ahead', 'day3', 'day2']);
    expect(
      mergeOrder([
        [on(5), behind, on(3), on(1)],
        [on(5), on(4), on(2)],
      ]),
    ).toEqual(
      ['day5', 'day4', 'behind', 'day3', 'day2', 'day1'], // prettier-ignore
    );
  });

  it('stores that contradict each other end in an order all the same', () => {
    expect(
      mergeOrder([
        [on(1), on(2)],
        [on(2), on(1)],
      ]),
    ).toEqual(['day2', 'day1']);
  });
});

describe('a snapshot by time', () => {
  const at = (list: readonly SnapshotInfo[], time: string): string =>
    selectSnapshot(list, time, doubtfulTimes(list, NOW)).id;

  it('passes over one whose time does not fit, and takes it where there is no other', () => {
    expect(at([on(5), behind, on(3), on(1)], '2026-11-04T00:00Z')).toBe('day3');
    expect(at([on(5), behind, on(3), on(1)], '2026-10-01T00:00Z')).toBe('behind');
    expect(at([on(5), ahead, on(3)], '2026-11-06T00:00Z')).toBe('day5');
  });

  it('latest is what was saved last', () => {
    expect(at([on(5), ahead, on(3)], 'latest')).toBe('day5');
    expect(at([behind, on(3)], 'latest')).toBe('behind');
    expect(at([on(5), ahead, on(3)], 'latest~1')).toBe('ahead');
  });
});
