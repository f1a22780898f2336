import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTimes, doubtfulTimes } from '../../../src/store/plausible-time.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const at = (agoMs: number) => ({ takenAt: new Date(NOW - agoMs).toISOString() });

describe('times that are not believed', () => {
  it('nothing is doubted where times rise with the order, or clocks differ by less than an hour', () => {
    expect(doubtfulTimes([], NOW).size).toBe(0);
    const listed = [at(-50 * MINUTE), at(0), at(40 * MINUTE), at(DAY), at(DAY - 30 * MINUTE), at(2 * DAY)];
    expect(doubtfulTimes(listed, NOW).size).toBe(0);
  });

  it('one that is ahead is in the future, and later, when its time has come, still out of order', () => {
    const ahead = at(-400 * DAY);
    const listed = [at(0), at(DAY), ahead, at(2 * DAY)];
    expect([...doubtfulTimes(listed, NOW)]).toEqual([[ahead, 'future']]);
    expect([...doubtfulTimes(listed, NOW + 500 * DAY)]).toEqual([[ahead, 'order']]);
  });

  it('one that is behind is out of order, also where there is one other', () => {
    const behind = at(400 * DAY);
    expect([...doubtfulTimes([behind, at(DAY)], NOW)]).toEqual([[behind, 'order']]);
    expect([...doubtfulTimes([at(0), behind, at(DAY), at(2 * DAY)], NOW)]).toEqual([[behind, 'order']]);
  });

  it('each single wrong time among right ones is found, and no other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 30 }),
        fc.nat(),
        fc.integer({ min: -900, max: 900 }),
        (count, nth, days) => {
          fc.pre(Math.abs(days) > count);
          const right = Array.from({ length: count }, (_, index) => at(index * DAY));
          const wrong = at((nth % count) * DAY + days * DAY);
          const listed = right.with(nth % count, wrong);
          const doubts = [...doubtfulTimes(listed, NOW).keys()];
          // The newest that is ahead of the others but not of now, and the oldest that is behind, fit.
          const fits = days > 0 ? nth % count === count - 1 : false;
          expect(doubts).toEqual(fits ? [] : [wrong]);
        },
      ),
    );
  });

  it('of two times the later one is newer, unless it is in the future', () => {
    const [past, present, future] = [at(DAY).takenAt, at(0).takenAt, at(-DAY).takenAt];
    expect(compareTimes(present, past, NOW)).toBeGreaterThan(0);
    expect(compareTimes(future, past, NOW)).toBeLessThan(0);
    expect(compareTimes(past, future, NOW)).toBeGreaterThan(0);
  });
});
