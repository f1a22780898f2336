import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../../src/diff/budget.ts';
import { commonEntries } from '../../../../src/diff/text/common-lines.ts';
import { diffLines } from '../../../../src/diff/text/lines.ts';
import { ADVERSARIAL_TEXTS } from '../../../support/hostile/texts-to-compare.ts';

describe('a comparison of two texts', () => {
  it.each(Object.entries(ADVERSARIAL_TEXTS))(
    'a comparison of %s takes steps in step with the lines, or gives up after as many as one text may take',
    (_what, make) => {
      const limit = new Budget().forOne;
      for (const lines of [1000, 2000, 4000, 60_000]) {
        const [from, to] = make(lines);
        const budget = new Budget();
        const found = diffLines(from, to, budget);
        expect(budget.spent).toBeLessThanOrEqual(limit);
        if (budget.spent > 4 * lines) expect([found, budget.coarse]).toEqual(found === null ? [null, 1] : [found, 0]);
      }
    },
  );

  it('a text in which every line changed takes no step', () => {
    const budget = new Budget();
    const text = (side: string): string => Array.from({ length: 2000 }, (_, index) => `${side}${index}`).join('\n');
    expect(diffLines(text('a'), text('b'), budget)).toHaveLength(4000);
    expect(budget.spent).toBe(0);
  });

  it('a text of more lines than anybody reads has changed as a whole', () => {
    const budget = new Budget();
    const text = 'x\n'.repeat(500_000);
    expect(diffLines(text, `${text}y`, budget)).toBeNull();
    expect(budget.coarse).toBe(1);
  });

  it('texts share one budget: what the first ones spend is not there for the last ones, on every machine alike', () => {
    const [from, to] = ADVERSARIAL_TEXTS['lines in another order']!(1000);
    const run = (): (boolean | number)[] => {
      const budget = new Budget(2_000_000);
      const compared = Array.from({ length: 10 }, () => diffLines(from, to, budget) !== null);
      return [...compared, budget.spent, budget.coarse];
    };
    const first = run();
    expect(first[0]).toBe(true);
    expect(first[9]).toBe(false);
    expect(run()).toEqual(first);
  });

  it('a comparison without steps compares no text line by line, whatever it is', () => {
    const budget = Budget.none();
    expect(diffLines('a\nb', 'a\nc', budget)).toBeNull();
    expect(budget.spent).toBe(0);
  });
});

it('commonEntries finds as many common entries as the longest common subsequence has', () => {
  const list = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 });
  fc.assert(
    fc.property(list, list, (a, b) => {
      const found = commonEntries(Int32Array.from(a), Int32Array.from(b), 1_000_000)!;
      const [from, to] = [a.filter((_, index) => found.from[index]), b.filter((_, index) => found.to[index])];
      expect(from).toEqual(to);
      expect(from).toHaveLength(longestCommon(a, b));
    }),
    { numRuns: 1000 },
  );
});

/** By the table of all pairs: slow, and not to be mistaken. */
function longestCommon(a: readonly number[], b: readonly number[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const entry of a) {
    const next = [0];
    b.forEach((other, index) => {
      next.push(entry === other ? row[index]! + 1 : Math.max(row[index + 1]!, next[index]!));
    });
    row = next;
  }
  return row[b.length]!;
}
