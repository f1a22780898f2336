import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOneLine, printable, printableLine } from '../../../src/lib/printable.ts';

/** What a terminal obeys, or what turns the direction of a line. */
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('\u001b[2J', '\u001b]0;owned\u0007', '\u009b31m', '\r', '\n', '\u202e', '\u2066', '\b'),
      fc.constantFrom('\u001b[31m', '\u001b[39m', 'Käse', '日本', '🙂'),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((pieces) => pieces.join(''));

describe('whatever a name holds', () => {
  it('printable leaves nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(text, (name) => {
        expect(printable(name)).not.toMatch(OBEYED);
      }),
    );
  });

  it('printable leaves harmless text as it is', () => {
    fc.assert(
      fc.property(text, (name) => {
        if (!OBEYED.test(name)) expect(printable(name)).toBe(name);
        expect(printable(printable(name))).toBe(printable(name));
      }),
    );
  });

  it('printableLine leaves nothing but colours', () => {
    fc.assert(
      fc.property(text, (line) => {
        expect(printableLine(line).replace(/\u001b\[\d{1,2}m/g, '')).not.toMatch(OBEYED);
      }),
    );
  });

  it('inOneLine makes one line of it', () => {
    fc.assert(
      fc.property(text, (name) => {
        const line = inOneLine(name);
        expect(line).not.toMatch(OBEYED);
        expect(line).toBe(line.trim());
        expect(inOneLine(line)).toBe(line);
      }),
    );
  });
});
