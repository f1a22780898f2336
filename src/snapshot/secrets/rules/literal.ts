// Reads what stands behind a name: a literal in quotes, or a word without.

/** A value of a text, without its quotes. */
export interface Literal {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

/** Longer values than these are texts. */
const [LONGEST_QUOTED, LONGEST_BARE] = [4000, 512];

/** Also with the letters that Python, C# and Go put in front of quotes. */
const QUOTED = new RegExp(
  String.raw`[bfru@$]{0,2}(["'\`])((?:[^"'\`\n\\]|\\.|(?!\1)["'\`]){0,${LONGEST_QUOTED}})\1`,
  'y',
);
/** What ends a value without quotes. It may end in the padding of base64. */
const BARE = new RegExp(String.raw`[^\s"'\`<>(){}[\],;&|=\\]{1,${LONGEST_BARE}}={0,2}`, 'y');

/** The literal in quotes that begins at a place; null if there is none. */
export function quotedAt(text: string, at: number): Literal | null {
  QUOTED.lastIndex = at;
  const value = QUOTED.exec(text)?.[2];
  if (value === undefined) return null;
  const end = QUOTED.lastIndex - 1;
  return { start: end - value.length, end, quoted: true };
}

/** The word without quotes that begins at a place, without what ends a sentence; null if there is none. */
export function bareAt(text: string, at: number): Literal | null {
  BARE.lastIndex = at;
  const match = BARE.exec(text);
  if (!match) return null;
  const word = match[0].replace(/[.:?,]$/, '');
  return { start: at, end: at + word.length, quoted: false };
}

/** What may stand between a name and the literal that it gets where that is not there. */
const FALLBACK = /[\w.$?[\]'"()]{1,100}\s{0,20}(?:\|\||\?\?|\bor\b)\s{0,20}/y;
const CALL = /(?:(?:new|await)\s{1,4})?[A-Za-z_$][\w.$]{0,60}\(\s{0,20}/y;
const PLUS = /\s{0,20}[+.]\s{0,20}/y;
/** Literals that are put together to one value. */
const MOST_PARTS = 4;

/** The literals that a name gets, by what stands behind it; `loose`: what it gets is made of them, or may be. */
export function literalsAt(text: string, at: number): { literals: Literal[]; loose: boolean } {
  const own = quotedAt(text, at);
  if (own) return { literals: sumAt(text, own), loose: false };
  for (const [pattern, loose] of [
    [FALLBACK, false],
    [CALL, true],
  ] as const) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const found = match && quotedAt(text, at + match[0].length);
    if (found) return { literals: sumAt(text, found), loose };
  }
  const bare = bareAt(text, at);
  return { literals: bare ? [bare] : [], loose: false };
}

/** A literal and those that are added to it. */
function sumAt(text: string, first: Literal): Literal[] {
  const literals = [first];
  for (let last = first; literals.length < MOST_PARTS;) {
    PLUS.lastIndex = last.end + 1;
    const plus = PLUS.exec(text);
    const next = plus && quotedAt(text, PLUS.lastIndex);
    if (!next) break;
    literals.push(next);
    last = next;
  }
  return literals;
}

/** The parts of a literal that no template fills in. */
export function partsOf(text: string, { start, end, quoted }: Literal): Literal[] {
  const value = text.slice(start, end);
  const parts: Literal[] = [];
  let from = 0;
  for (const match of value.matchAll(/[$#]?\{[^{}]{0,200}\}{1,2}/g)) {
    // `{{` begins with a brace of its own.
    const stop = value[match.index - 1] === '{' ? match.index - 1 : match.index;
    parts.push({ start: start + from, end: start + stop, quoted });
    from = match.index + match[0].length;
  }
  if (parts.length === 0) return [{ start, end, quoted }];
  return [...parts, { start: start + from, end, quoted }].filter((part) => part.end > part.start);
}
