import type { Json } from '../../lib/json.ts';
import { mergeSpans, type Hit, type Span } from './hit.ts';
import { formatScanner, type FormatScanner } from './known-formats.ts';
import { leavesOf, type Leaf } from './leaves.ts';
import { blankMarkers } from './marker.ts';
import { isExpression } from './plausible.ts';
import { promiseInQuery, promiseOf } from './secret-name.ts';
import { plausible, scanText } from './text-rules.ts';

/** Finds secrets. Its `known` part sees the formats of services alone, for text of which there is a lot. */
export interface Scanner {
  /**
   * The secrets in a document, text by text, in order and apart from one another. `formats`: only those that need
   * nothing around them to be told.
   */
  scan(value: Json, what?: 'all' | 'formats'): Promise<Hit[]>;
  known: FormatScanner;
}

export async function openScanner(): Promise<Scanner> {
  const known = await formatScanner();
  return { known, scan: (value, what = 'all') => scan(value, known, what) };
}

async function scan(value: Json, known: FormatScanner, what: 'all' | 'formats'): Promise<Hit[]> {
  const leaves = [...leavesOf(value)].map((leaf) => ({ ...leaf, text: blankMarkers(leaf.text) }));
  const formats = await scanTogether(leaves, known);
  return leaves.flatMap((leaf, index) => {
    const others = what === 'all' ? [...scanNamed(leaf), ...scanText(leaf.text)] : [];
    const spans = [...(formats.get(index) ?? []), ...others];
    return mergeSpans(spans).map((span) => ({ ...span, path: leaf.path }));
  });
}

/** One pass over all texts, a line break between them: each pass has a price of its own. */
async function scanTogether(leaves: readonly Leaf[], known: FormatScanner): Promise<Map<number, Span[]>> {
  const ends: number[] = [];
  let length = 0;
  for (const { text } of leaves) ends.push((length += text.length + 1));
  const found = new Map<number, Span[]>();
  for (const span of await known(leaves.map(({ text }) => text).join('\n'))) {
    const index = firstAbove(ends, span.start);
    const begin = index === 0 ? 0 : ends[index - 1]!;
    const own = found.get(index) ?? [];
    found.set(index, own);
    // What a rule sees across a line break ends with the text that it began in.
    own.push({ ...span, start: span.start - begin, end: Math.min(span.end, ends[index]! - 1) - begin });
  }
  return found;
}

/** The index of the first number of an ascending list that is greater. */
function firstAbove(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A literal whose name promises a secret. The scheme of an Authorization header stays readable. */
function scanNamed({ text, name, path }: Leaf): Span[] {
  if (isExpression(text)) return [];
  const inQuery = path.includes('queryParameters');
  const start = /^=?(?:(?:bearer|basic|token|apikey|digest)\s+)?/i.exec(text)?.[0].length ?? 0;
  const value = text.slice(start).trimEnd();
  if (plausible(inQuery ? promiseInQuery(name) : promiseOf(name), value) === null) return [];
  return [{ start, end: start + value.length, rule: ruleAt(path) }];
}

/** Tells by where n8n keeps the parameters of a request what the secret is part of. */
function ruleAt(path: Leaf['path']): string {
  if (path.includes('headerParameters')) return 'secret-in-header';
  if (path.includes('queryParameters')) return 'secret-in-query';
  return 'named-secret';
}
