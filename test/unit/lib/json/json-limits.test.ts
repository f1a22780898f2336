import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  JsonLimitError,
  MAX_JSON_DEPTH,
  MAX_JSON_VALUES,
  refuseHostileShape,
} from '../../../../src/lib/json/json-limits.ts';
import { canonicalJson, canonicalJsonLine, parseJson } from '../../../../src/lib/json/json.ts';

const nested = (levels: number, open = '[', close = ']'): string => open.repeat(levels) + close.repeat(levels);

describe('JSON that is made to do harm', () => {
  it.each([
    ['lists one level too deep', nested(MAX_JSON_DEPTH + 1)],
    ['lists a hundred thousand levels deep', nested(100_000)],
    ['objects a thousand levels deep', nested(1000, '{"a":', '}')],
    ['depth behind a long number, which is parsed in another way', `[12345678901234567890,${nested(100_000)}]`],
    ['depth that ends without closing', '['.repeat(1_000_000)],
    ['depth behind texts with escaped quotes', `["\\"\\\\","\\\\\\"",${nested(MAX_JSON_DEPTH)}]`],
  ])('%s is refused', (_what, text) => {
    expect(() => parseJson(text)).toThrow(JsonLimitError);
    expect(() => parseJson(text)).toThrow(`nested more than ${MAX_JSON_DEPTH} levels deep`);
  });

  it('more values than any workflow has are refused before memory is taken for them', () => {
    const text = `[${'0,'.repeat(MAX_JSON_VALUES)}0]`;
    expect(() => parseJson(text)).toThrow(`it holds more than ${MAX_JSON_VALUES.toLocaleString('en')} values`);
  });

  it('many members with names so long that V8 finds each by looking at all others are refused, a few are taken', () => {
    const name = (index: number): string => 'n'.repeat(16_400) + String(index).padStart(4, '0');
    const members = (count: number): string[] =>
      Array.from({ length: count }, (_, i) => `${JSON.stringify(name(i))} : 1`);
    expect(() => parseJson(`{${members(51).join(',')}}`)).toThrow(
      'more than 50 of its members have names of over 16,000 characters',
    );
    expect(Object.keys(parseJson(`{${members(50).join(',')}}`) as object)).toHaveLength(50);
    const values = `[${Array.from({ length: 60 }, (_, i) => JSON.stringify(name(i))).join(',')}]`;
    expect(parseJson(values)).toHaveLength(60);
  });

  it('as much data as the editor of n8n pins is taken, in items as small as they get', () => {
    const item = '{"json":{"id":1,"v":2},"pairedItem":{"item":0}}';
    const items = `[${`${item},`.repeat((12 * 2 ** 20) / (item.length + 1) - 1)}${item}]`;
    expect(() => refuseHostileShape(items)).not.toThrow();
  });

  it('a few megabytes that would be gigabytes once they are indented are refused', () => {
    const deep = nested(MAX_JSON_DEPTH - 1);
    const text = `[${`${deep},`.repeat(1000)}${deep}]`;
    expect(() => parseJson(text)).toThrow('it holds too many values in too many levels');
  });

  it('a long text is the same, however it is put together', () => {
    const rows = Array.from({ length: 5000 }, (_, index) => ({
      id: index,
      texts: ['é', 'x'.repeat(index % 50)],
    }));
    const value = { rows, long: Object.fromEntries(rows.map((row) => [`key ${row.id}`, row])) };
    const { long } = value;
    const sorted = {
      long: Object.fromEntries(Object.entries(long).sort(([a], [b]) => (a < b ? -1 : 1))),
      rows,
    };
    expect(canonicalJson(value)).toBe(`${JSON.stringify(sorted, null, 2)}\n`);
    expect(canonicalJsonLine(value)).toBe(JSON.stringify(sorted));
  });

  it.each([
    ['the deepest nesting that is taken', nested(MAX_JSON_DEPTH)],
    ['brackets inside a text', JSON.stringify('['.repeat(100_000))],
    ['brackets behind an escaped quote inside a text', JSON.stringify(`"${'['.repeat(1000)}\\"`)],
    ['a text that ends in backslashes', `["${'\\\\'.repeat(1000)}",${nested(10)}]`],
  ])('%s is taken, written and read again', (_what, text) => {
    expect(canonicalJsonLine(parseJson(text))).toBe(text);
    expect(parseJson(canonicalJson(parseJson(text)))).toEqual(parseJson(text));
  });

  it('the limit never refuses what is shallow, whatever its texts hold', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ']', '}', ',', 'a') }), {
      minLength: 100,
      maxLength: 200,
    });
    fc.assert(
      fc.property(texts, (list) => {
        expect(parseJson(JSON.stringify(list))).toEqual(list);
      }),
    );
  });
});
