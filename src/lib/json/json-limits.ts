import { getHeapStatistics } from 'node:v8';
import { formatCount } from '../printable.ts';

/**
 * The deepest nesting that is taken. Whatever walks through a value calls itself at each level, and a few thousand end
 * in a stack overflow. n8n's own data is far from it: its editor makes some ten levels, and MySQL, which n8n ran on for
 * years, takes no JSON deeper than 100.
 */
export const MAX_JSON_DEPTH = 500;

/**
 * Bytes of V8's limit for its heap, for each value that is taken: 30 to 100 for the value itself, as much again for
 * what is made of it, and room for all else. In a container of 512 MiB, where that limit is 448 MiB, it gives the
 * fewest below.
 */
const HEAP_BYTES_PER_VALUE = 940;
/**
 * What fits into a container of 512 MiB with room to spare. With a million the peak of a run was 368 to 415 MiB, and
 * 463 once; with 800,000, one answer at a time, 341 to 397; with 700,000 333 to 406.
 */
const FEWEST_VALUES = 500_000;
/** n8n takes requests of 16 MB (N8N_PAYLOAD_SIZE_MAX), and a value has two bytes at least. */
const MOST_VALUES = 8_000_000;

/**
 * The most values in one text, brackets and commas to be exact: as many as this process has memory for. n8n's editor
 * pins 12 MB of data at most; in the smallest items, of two numbers each, these are 1.8 million values.
 */
export const MAX_JSON_VALUES = Math.min(
  MOST_VALUES,
  Math.max(FEWEST_VALUES, Math.floor(getHeapStatistics().heap_size_limit / HEAP_BYTES_PER_VALUE)),
);

/**
 * The most that indenting a text may add, in bytes: two for each level and value. A few megabytes of brackets would
 * become gigabytes otherwise, once they are written in canonical form.
 */
export const MAX_JSON_INDENT = 64 * 2 ** 20;

/**
 * V8 tells texts of this many characters and more apart by their length alone, so that parsing takes time with the
 * square of the number of such names: 2,000 of them, in 33 MB, take a minute.
 */
const LONG_NAME = 16_383;
const MAX_LONG_NAMES = 50;

/** JSON that is nested too deeply (`depth`), or has too much in it (`amount`), to be taken apart safely. */
export class JsonLimitError extends SyntaxError {
  override readonly name = 'JsonLimitError';
  readonly limit: 'depth' | 'amount';

  constructor(limit: 'depth' | 'amount', message: string) {
    super(message);
    this.limit = limit;
  }
}

const WHITE_SPACE = ' \t\n\r';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** `[` and `{`, `]` and `}`: the pairs differ in one bit. */
const CASE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/**
 * Looks at the brackets and commas of a text before it is parsed, which is when nothing has been made of it yet.
 * @throws JsonLimitError
 */
export function refuseHostileShape(text: string): void {
  if (text.length <= MAX_JSON_DEPTH) return;
  let depth = 0;
  let values = 0;
  let levels = 0;
  let longNames = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (end - at > LONG_NAME && isName(text, end)) longNames += 1;
      at = end;
    } else if (code === COMMA) {
      values += 1;
      levels += depth;
    } else if ((code | CASE_BIT) === OPENING) {
      depth += 1;
      values += 1;
      levels += depth;
      if (depth > MAX_JSON_DEPTH)
        throw new JsonLimitError('depth', `it is nested more than ${MAX_JSON_DEPTH} levels deep`);
    } else if ((code | CASE_BIT) === CLOSING) {
      depth -= 1;
    }
  }
  if (values > MAX_JSON_VALUES)
    throw new JsonLimitError(
      'amount',
      `it holds more than ${formatCount(MAX_JSON_VALUES)} values, which is what this process has memory for`,
    );
  if (longNames > MAX_LONG_NAMES)
    throw new JsonLimitError(
      'amount',
      `more than ${MAX_LONG_NAMES} of its members have names of over 16,000 characters`,
    );
  if (2 * levels > MAX_JSON_INDENT) throw new JsonLimitError('amount', `it holds too many values in too many levels`);
}

/** Where the string that begins at `start` ends; the end of the text where it does not. */
function endOfString(text: string, start: number): number {
  let end = start;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
  } while (isEscaped(text, end));
  return end;
}

/** Whether a colon follows the string that ends here. */
function isName(text: string, end: number): boolean {
  let next = end + 1;
  while (WHITE_SPACE.includes(text.charAt(next)) && next < text.length) next += 1;
  return text.charAt(next) === ':';
}

/** Whether an odd number of backslashes stands before this place. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - 1 - before) % 2 === 1;
}
