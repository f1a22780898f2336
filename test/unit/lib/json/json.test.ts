import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, canonicalJsonLine, parseJson } from '../../../../src/lib/json/json.ts';

describe('parseJson', () => {
  it.each([
    '9007199254740993',
    '-12345678901234567890',
    '0.1234567890123456789',
    '12345678.9012345678',
    '{"id":"424d0053-1e684-4762","n":-1.5e-400}',
    '1e400',
    '[1,{"a":123456789012345678901}]',
  ])('parseJson keeps %s digit by digit', (text) => {
    expect(canonicalJsonLine(parseJson(text))).toBe(text);
  });

  it('parseJson keeps what a double holds as a number', () => {
    expect(parseJson('[1000000000000000000000, 1.0, 1e3, 0.10, 1234567890123456]')).toEqual([
      1e21, 1, 1000, 0.1, 1234567890123456,
    ]);
  });

  it('parseJson does not take digits inside a text for a number', () => {
    expect(parseJson('{"id":"12345678901234567890"}')).toEqual({ id: '12345678901234567890' });
  });

  it('parseJson refuses what is not JSON', () => {
    expect(() => parseJson('{"a":')).toThrow(SyntaxError);
  });
});

describe('canonicalJson', () => {
  it('canonicalJson sorts keys by code unit, indents by two and ends with one newline', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: {}, A: [], '10': 1, '9': 2 })).toBe(
      '{\n  "10": 1,\n  "9": 2,\n  "A": [],\n  "a": {},\n  "b": [\n    1,\n    {\n      "c": "x",\n      "d": null\n    }\n  ]\n}\n',
    );
  });

  it('canonicalJson keeps a member called __proto__ as the data that it is', () => {
    const text = '{\n  "__proto__": {\n    "x": 1\n  }\n}\n';
    expect(canonicalJson(parseJson(text))).toBe(text);
  });

  it('canonicalJson gives the same bytes for the same value in any order of keys, and the value comes back', () => {
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

/** A number as JSON spells it, with more digits or a greater exponent than a double holds. */
const anyNumber = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.bigInt({ min: 0n, max: 10n ** 40n }),
    fc.option(fc.stringMatching(/^\d{1,30}$/), { nil: undefined }),
    fc.option(fc.integer({ min: -400, max: 400 }), { nil: undefined }),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`,
  );

describe('canonical JSON, for any value', () => {
  it('canonical JSON is stable: written, read and written again it is the same bytes, lone surrogates too', () => {
    const values = fc.jsonValue({ stringUnit: 'binary', depthSize: 'medium' });
    const withHalves = fc.tuple(values, fc.constantFrom('\ud800', 'a\udfff', '\udfff\ud800', '\u2028'));
    fc.assert(
      fc.property(withHalves, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(parseJson(text))).toBe(text);
        // Through UTF-8, as every store keeps it.
        expect(canonicalJson(parseJson(Buffer.from(text).toString('utf8')))).toBe(text);
      }),
    );
  });

  it('canonical JSON keeps the value of any number', () => {
    fc.assert(
      fc.property(anyNumber, (source) => {
        const written = canonicalJsonLine(parseJson(source));
        expect(valueOf(written)).toEqual(valueOf(source));
        expect(canonicalJsonLine(parseJson(written))).toBe(written);
      }),
    );
  });

  it('canonical JSON has no member but those of the value, and loses none, whatever it is called', () => {
    const keys = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'toJSON', 'rawJSON'));
    fc.assert(
      fc.property(fc.uniqueArray(keys), (names) => {
        const text = `{${names.map((name) => `${JSON.stringify(name)}:{"polluted":1}`).join(',')}}`;
        const value = parseJson(text);
        expect(Object.keys(value as object).sort()).toEqual([...names].sort());
        expect(parseJson(canonicalJson(value))).toEqual(value);
        expect(Object.prototype).not.toHaveProperty('polluted');
      }),
    );
  });
});

/** A number's sign, significant digits and power of ten, by whole numbers alone. */
function valueOf(text: string): { sign: string; digits: string; power: number } {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const all = BigInt(whole + fraction).toString();
  const digits = all.replace(/0+$/, '');
  if (digits === '') return { sign: '', digits: '0', power: 0 };
  return { sign, digits, power: Number(exponent) - fraction.length + all.length - digits.length };
}
