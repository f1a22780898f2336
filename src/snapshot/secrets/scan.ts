// Finds secrets that people typed into workflows and variables. It knows texts and their names, no files and
// no stores.

import type { Json } from '../../lib/json/json.ts';
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
   * nothing around them to be recognised by.
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
  const together = leaves.map(({ text }) => text).join(BETWEEN);
  const formats = byText(leaves, await known(together));
  const others = byText(leaves, what === 'all' ? scanText(together) : []);
  return leaves.flatMap((leaf, index) => {
    const named = what === 'all' ? scanNamed(leaf) : [];
    // Of two rules that see the same, the first gives its name.
    const spans = [...(formats.get(index) ?? []), ...named, ...(others.get(index) ?? [])];
    return mergeSpans(spans).map((span) => ({ ...span, path: leaf.path }));
  });
}

/**
 * All texts are looked at in one go, since each has its price. What stands between them ends every word and line, and
 * is no space to a pattern, so that none takes two texts for one.
 */
const BETWEEN = ' \0\n';

/** The spans of all texts in one, as spans of the text that each begins in, by its index. */
function byText(leaves: readonly Leaf[], spans: readonly Span[]): Map<number, Span[]> {
  const ends: number[] = [];
  let length = 0;
  for (const { text } of leaves) ends.push((length += text.length + BETWEEN.length));
  const found = new Map<number, Span[]>();
  for (const span of spans) {
    const index = firstAbove(ends, span.start);
    const begin = index === 0 ? 0 : ends[index - 1]!;
    const end = Math.min(span.end, ends[index]! - BETWEEN.length) - begin;
    const own = found.get(index) ?? [];
    found.set(index, own);
    own.push({ ...span, start: span.start - begin, end });
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
