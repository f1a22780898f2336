import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, canonicalJsonLine, parseJson } from '../../../src/lib/json.ts';

describe('parseJson', () => {
  it.each([
    '9007199254740993',
    '-12345678901234567890',
    '0.1234567890123456789',
    '1e400',
    '[1,{"a":123456789012345678901}]',
  ])('keeps %s digit by digit', (text) => {
    expect(canonicalJsonLine(parseJson(text))).toBe(text);
  });

  it('keeps what a double holds as a number', () => {
    expect(parseJson('[1000000000000000000000, 1.0, 1e3, 0.10, 1234567890123456]')).toEqual([
      1e21, 1, 1000, 0.1, 1234567890123456,
    ]);
  });

  it('does not take digits inside a text for a number', () => {
    expect(parseJson('{"id":"12345678901234567890"}')).toEqual({ id: '12345678901234567890' });
  });

  it('refuses what is not JSON', () => {
    expect(() => parseJson('{"a":')).toThrow(SyntaxError);
  });
});

describe('canonicalJson', () => {
  it('sorts keys by code unit, indents by two and ends with one newline', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: {}, A: [], '10': 1, '9': 2 })).toBe(
      '{\n  "10": 1,\n  "9": 2,\n  "A": [],\n  "a": {},\n  "b": [\n    1,\n    {\n      "c": "x",\n      "d": null\n    }\n  ]\n}\n',
    );
  });

  it('keeps a member called __proto__ as the data that it is', () => {
    const text = '{\n  "__proto__": {\n    "x": 1\n  }\n}\n';
    expect(canonicalJson(parseJson(text))).toBe(text);
  });

  it('gives the same bytes for the same value in any order of keys, and the value comes back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        const reversed = JSON.parse(JSON.stringify(value), (_key, member: unknown) =>
          typeof member === 'object' && member !== null && !Array.isArray(member)
            ? Object.fromEntries(Object.entries(member).reverse())
            : member,
        ) as unknown;
        expect(canonicalJson(reversed)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(JSON.parse(canonicalJsonLine(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
