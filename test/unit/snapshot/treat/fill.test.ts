import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../src/lib/json/json.ts';
import { markerFor, redactText } from '../../../../src/snapshot/secrets/marker.ts';
import { fillGaps, maskLike } from '../../../../src/snapshot/treat/fill.ts';

const MARK = markerFor('github-token');
const header = (name: string, value: string): Json => ({ name, value });

describe('filling a snapshot from the target', () => {
  it('filling a snapshot from the target finds a node by its id and then by its name, and a parameter by its name, wherever they are now', () => {
    const stored = {
      nodes: [
        { id: 'a', name: 'A', headers: [header('X-One', MARK), header('X-Two', MARK)] },
        { id: 'b', name: 'B', key: MARK },
      ],
    };
    const live = {
      nodes: [
        { id: 'other', name: 'B', key: 'of B' },
        { id: 'a', name: 'renamed', headers: [header('X-Two', 'two'), header('X-One', 'one')] },
      ],
    };
    expect(fillGaps(stored, live, 'escaped')).toEqual({
      filled: {
        nodes: [
          { id: 'a', name: 'A', headers: [header('X-One', 'one'), header('X-Two', 'two')] },
          { id: 'b', name: 'B', key: 'of B' },
        ],
      },
      open: [],
      taken: 3,
      typed: [],
    });
  });

  it('filling a snapshot from the target never takes the secret of one parameter for that of another', () => {
    const stored = { headers: [header('X-One', MARK)] };
    const { filled, open } = fillGaps(stored, { headers: [header('X-Two', 'two')] }, 'escaped');
    expect(filled).toEqual(stored);
    expect(open).toEqual([{ node: null, field: 'headers[X-One].value', rule: 'github-token', why: 'missing' }]);
  });

  it('filling a snapshot from the target takes the line with the secret, and leaves the others as they are in the snapshot', () => {
    const stored = `const key = "${MARK}";\nreturn 1;`;
    expect(fillGaps(stored, 'const key = "s3cret";\nreturn 2;\n// more', 'escaped')).toEqual({
      filled: 'const key = "s3cret";\nreturn 1;',
      open: [],
      taken: 1,
      typed: [],
    });
  });

  it('filling a snapshot from the target takes the whole text of the target where two of its lines could be meant, and says so', () => {
    const live = 'const key = "one";\nconst key = "two";';
    const { filled, open } = fillGaps(`const key = "${MARK}";`, live, 'escaped');
    expect(filled).toBe(live);
    expect(open).toMatchObject([{ why: 'changed' }]);
  });

  it('filling a snapshot from the target leaves open what is a marker on the target, too', () => {
    expect(fillGaps({ key: MARK }, { key: MARK }, 'escaped').open).toMatchObject([{ field: 'key', why: 'missing' }]);
  });

  it('filling a snapshot from the target keeps members that are called like parts of the language', () => {
    const stored = JSON.parse(`{"__proto__": {"key": "${MARK}"}, "constructor": "${MARK}"}`) as Json;
    const live = JSON.parse('{"__proto__": {"key": "one"}, "constructor": "two"}') as Json;
    expect(JSON.stringify(fillGaps(stored, live, 'escaped').filled)).toBe(JSON.stringify(live));
  });
});

describe('a text that could not be scanned', () => {
  it('a text that could not be scanned is that of the target, whatever it says, and counts as withheld', () => {
    const live = 'const a = "b";\nreturn items.map((item) => ({ ...item, a }));';
    const stored = markerFor('not-scanned');
    expect(fillGaps(stored, live, 'escaped')).toEqual({ filled: live, open: [], taken: 1, typed: [] });
    expect(maskLike(live, stored)).toBe(stored);
  });
});

describe('a redacted text', () => {
  // Text and secrets of different letters, so that it is clear where the one ends.
  const plain = fc.string({ unit: fc.constantFrom(...'abc "\n=') });
  const secret = fc.string({ unit: fc.constantFrom(...'XYZ019'), minLength: 1 });
  const parts = fc.array(fc.tuple(plain, secret), { minLength: 1 });

  it('a redacted text is filled from the text that it was made of, and masks it', () => {
    fc.assert(
      fc.property(parts, plain, (pairs, rest) => {
        const text = pairs.map((pair) => pair.join('')).join('') + rest;
        const spans = [...text.matchAll(/[XYZ019]+/g)].map(({ 0: found, index }) => ({
          start: index,
          end: index + found.length,
          rule: 'any',
        }));
        const stored = redactText(text, spans);
        expect(fillGaps(stored, text, 'escaped')).toEqual({ filled: text, open: [], taken: 1, typed: [] });
        expect(maskLike(text, stored)).toBe(stored);
      }),
    );
  });

  it('a redacted text does not fit a text with more in it than a secret', () => {
    const stored = `const key = "${MARK}";`;
    const live = 'const key = "s3cret"; steal("it");';
    expect(maskLike(live, stored)).toBe(live);
    const filled = 'const key = "s3cret";';
    expect(fillGaps(stored, live, 'escaped')).toEqual({ filled, open: [], taken: 1, typed: [] });
  });
});
