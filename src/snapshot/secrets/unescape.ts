// A text within a text: JSON in JSON, an address in an address, code in XML. The rules see each as it was before it
// was put in.

/** A text and where each of its signs stood in the one that it was made of. */
export interface Unescaped {
  readonly text: string;
  /** One place more than there are signs: the end. */
  readonly places: Uint32Array;
}

const BACKSLASH: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
};
const ENTITY: Readonly<Record<string, string>> = {
  quot: '"',
  '#34': '"',
  apos: "'",
  '#39': "'",
  amp: '&',
  lt: '<',
  gt: '>',
};

/** The ways in which texts are put into others, and what shows that one was. */
const WAYS: readonly { shows: RegExp; pattern: RegExp; sign: (escaped: string) => string }[] = [
  { shows: /\\["'\\n]/, pattern: /\\[nrt"'\\/]/g, sign: (escaped) => BACKSLASH[escaped[1]!]! },
  {
    shows: /%(?:3D|22|3A)/i,
    pattern: /%[2-7][\dA-F]/gi,
    sign: (escaped) => String.fromCharCode(parseInt(escaped.slice(1), 16)),
  },
  {
    shows: /&(?:quot|#34|lt|amp);/,
    pattern: /&(?:quot|#34|apos|#39|amp|lt|gt);/g,
    sign: (escaped) => ENTITY[escaped.slice(1, -1)]!,
  },
];

/** Texts in texts in texts; beyond that nobody writes them. */
const DEEPEST = 3;
/** The places of a longer text would take more memory than it is worth. */
const LONGEST = 8 * 2 ** 20;

/** A text as it was before it was put into another one, once for each time that it was. */
export function viewsOf(text: string): Unescaped[] {
  const views: Unescaped[] = [];
  if (text.length > LONGEST) return views;
  for (let last = unescaped(text, null); last && views.length < DEEPEST; last = unescaped(last.text, last.places))
    views.push(last);
  return views;
}

/**
 * The text without its outermost escapes; null if it has none.
 * @param places where its signs stood; null: where they stand
 */
function unescaped(text: string, places: Uint32Array | null): Unescaped | null {
  const way = WAYS.find(({ shows }) => shows.test(text));
  if (!way) return null;
  const parts: string[] = [];
  const found = new Uint32Array(text.length + 1);
  let [length, from] = [0, 0];
  const copy = (to: number): void => {
    for (let index = from; index < to; index += 1, length += 1) found[length] = places?.[index] ?? index;
    parts.push(text.slice(from, to));
  };
  for (const match of text.matchAll(way.pattern)) {
    copy(match.index);
    parts.push(way.sign(match[0]));
    found[length] = places?.[match.index] ?? match.index;
    length += 1;
    from = match.index + match[0].length;
  }
  copy(text.length);
  found[length] = places?.[text.length] ?? text.length;
  return { text: parts.join(''), places: found.subarray(0, length + 1) };
}
