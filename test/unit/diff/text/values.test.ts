import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, type Json } from '../../../../src/lib/json/json.ts';
import { excerpts } from '../../../../src/diff/text/excerpt.ts';
import { Budget } from '../../../../src/diff/budget.ts';
import { diffLines } from '../../../../src/diff/text/lines.ts';
import { diffValues } from '../../../../src/diff/text/values.ts';
import type { TextLine, ValueChange } from '../../../../src/diff/types.ts';

function differ(from: Json | undefined, to: Json | undefined): ValueChange[] {
  return diffValues(from, to, new Budget());
}

function lineDiff(from: string, to: string): TextLine[] {
  return diffLines(from, to, new Budget())!;
}

describe('diffValues', () => {
  it('diffValues names the deepest place, and quotes keys that are no words', () => {
    expect(differ({ a: { 'b c': [1, 2] } }, { a: { 'b c': [1, 3] } })).toEqual([
      { path: 'a["b c"][1]', from: 2, to: 3 },
    ]);
  });

  it('diffValues pairs list entries by id, so that an inserted one changes no other', () => {
    const entry = (id: string, value: number) => ({ id, value });
    const [a, b] = [entry('a', 1), entry('b', 2)];
    expect(differ([a, b], [entry('new', 0), a, entry('b', 3)])).toEqual([
      { path: '[0]', to: { id: 'new', value: 0 } },
      { path: '[2].value', from: 2, to: 3 },
    ]);
    expect(differ([a, b], [b, a])).toEqual([{ path: ' (order)', from: ['a', 'b'], to: ['b', 'a'] }]);
  });

  it('diffValues sees numbers that differ beyond a double', () => {
    const [a, b] = [parseJson('{"n":9007199254740993}'), parseJson('{"n":9007199254740992}')];
    expect(differ(a, b)).toHaveLength(1);
    expect(differ(a, parseJson('{"n":9007199254740993}'))).toEqual([]);
  });

  it('diffValues says nothing of equal values and something of different ones', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(differ(a as Json, structuredClone(a) as Json)).toEqual([]);
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        if (!JSON.stringify([a, b]).includes('-0') && !hasNegativeZero([a, b]))
          expect(differ(a as Json, b as Json).length === 0).toBe(same);
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => ({ [key]: sorted(member) }))
    .concat({ object: true });
}

function hasNegativeZero(value: unknown): boolean {
  if (typeof value === 'number') return Object.is(value, -0);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNegativeZero);
}

describe('diffLines', () => {
  it('diffLines gives both texts back, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (from, to) => {
        const lines = lineDiff(from, to);
        const sizeOf = (op: string): number =>
          lines.reduce(
            (sum, line) => sum + (line.op === 'skipped' ? line.count : Number(line.op === 'same' || line.op === op)),
            0,
          );
        expect(sizeOf('removed')).toBe(from.split('\n').length);
        expect(sizeOf('added')).toBe(to.split('\n').length);
        const shownOld = lines.flatMap((line) => (line.op === 'removed' ? [line.text] : []));
        for (const line of shownOld) expect(from.split('\n')).toContain(line);
      }),
    );
  });

  it('diffLines leaves out what is far from a change', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    const changed = lines.with(10, 'other');
    expect(
      lineDiff(lines.join('\n'), changed.join('\n')).map((line) => ('text' in line ? line.text : line.count)),
    ).toEqual([8, 'line 8', 'line 9', 'line 10', 'other', 'line 11', 'line 12', 7]);
  });

  it('diffLines takes a text of a hundred thousand lines', () => {
    const from = Array.from({ length: 100_000 }, (_, index) => `a${index}`).join('\n');
    const to = Array.from({ length: 100_000 }, (_, index) => `b${index}`).join('\n');
    expect(lineDiff(from, to)).toHaveLength(200_000);
  });
});

it('an excerpt shows of two long texts the part where they differ', () => {
  const [a, b] = excerpts(`${'x'.repeat(500)}old`, `${'x'.repeat(500)}new`, 60);
  expect(a).toBe(`…${'x'.repeat(30)}old`);
  expect(b).toBe(`…${'x'.repeat(30)}new`);
});
