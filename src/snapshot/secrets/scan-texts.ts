import { mergeSpans, type Span } from './hit.ts';
import { formatScanner } from './known-formats.ts';
import type { Leaf } from './leaves.ts';
import { scanLeaf } from './rules/leaf.ts';

/** Which rules: `formats` are those that need nothing around a secret to recognise it by. */
export type Rules = 'all' | 'formats';

/** The secrets of each text, in order and apart from one another. */
export async function scanTexts(leaves: readonly Leaf[], rules: Rules): Promise<Span[][]> {
  const known = await formatScanner();
  const together = leaves.map(({ text }) => text).join(BETWEEN);
  const formats = byText(leaves, await known(together));
  // Of two rules that see the same, the first gives its name.
  return leaves.map((leaf, index) =>
    mergeSpans([...(formats.get(index) ?? []), ...(rules === 'all' ? scanLeaf(leaf) : [])]),
  );
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
