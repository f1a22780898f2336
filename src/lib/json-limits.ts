/**
 * The deepest nesting that is taken. Whatever walks through a value calls itself at each level, and a few thousand end
 * in a stack overflow. n8n's own data is far from it: its editor makes some ten levels, and MySQL, which n8n ran on for
 * years, takes no JSON deeper than 100.
 */
export const MAX_JSON_DEPTH = 500;

/**
 * The most values in one text. Each takes up to 60 bytes of memory, although two bytes may spell it. n8n takes requests of
 * 16 MB (N8N_PAYLOAD_SIZE_MAX), so that no workflow that was ever saved has more than 8 million.
 */
export const MAX_JSON_VALUES = 10_000_000;

/** JSON that is nested too deeply or has too many values to be taken apart safely. */
export class JsonLimitError extends SyntaxError {
  override readonly name = 'JsonLimitError';
}

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
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === COMMA) {
      values += 1;
    } else if ((code | CASE_BIT) === OPENING) {
      depth += 1;
      values += 1;
      if (depth > MAX_JSON_DEPTH)
        throw new JsonLimitError(`it is nested more than ${MAX_JSON_DEPTH} levels deep`);
    } else if ((code | CASE_BIT) === CLOSING) {
      depth -= 1;
    }
  }
  if (values > MAX_JSON_VALUES)
    throw new JsonLimitError(`it holds more than ${MAX_JSON_VALUES.toLocaleString('en-US')} values`);
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

/** Whether an odd number of backslashes stands before this place. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - 1 - before) % 2 === 1;
}
