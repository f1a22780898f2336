import type { TextLine } from '../types.ts';

/** Equal lines that are shown around a change. */
const CONTEXT = 2;
/**
 * Largest table of the longest common subsequence, in cells: beyond it a text counts as replaced between its equal
 * ends.
 */
const MAX_CELLS = 4_000_000;

type Line = Extract<TextLine, { readonly text: string }>;

/** A line diff of two texts, with a little context. */
export function diffLines(from: string, to: string): TextLine[] {
  return withContext(allLines(from.split('\n'), to.split('\n')));
}

function allLines(from: readonly string[], to: readonly string[]): Line[] {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start += 1;
  let end = 0;
  while (end < shorter - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end += 1;
  return [
    ...mark('same', from.slice(0, start)),
    ...middle(from.slice(start, from.length - end), to.slice(start, to.length - end)),
    ...mark('same', from.slice(from.length - end)),
  ];
}

function mark(op: Line['op'], lines: readonly string[]): Line[] {
  return lines.map((text) => ({ op, text }));
}

/** The part between the equal ends, by the longest common subsequence. */
function middle(from: readonly string[], to: readonly string[]): Line[] {
  if (from.length === 0 || to.length === 0 || from.length * to.length > MAX_CELLS) {
    return [...mark('removed', from), ...mark('added', to)];
  }
  const lengths = commonLengths(from, to);
  const width = to.length + 1;
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length && j < to.length) {
    if (from[i] === to[j]) {
      lines.push({ op: 'same', text: from[i]! });
      i += 1;
      j += 1;
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) {
      lines.push({ op: 'removed', text: from[i]! });
      i += 1;
    } else {
      lines.push({ op: 'added', text: to[j]! });
      j += 1;
    }
  }
  return [...lines, ...mark('removed', from.slice(i)), ...mark('added', to.slice(j))];
}

/** At `i * (to.length + 1) + j`: how many lines of from[i…] and to[j…] are common, in order. */
function commonLengths(from: readonly string[], to: readonly string[]): Uint32Array {
  const width = to.length + 1;
  const lengths = new Uint32Array((from.length + 1) * width);
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        from[i] === to[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  return lengths;
}

function withContext(lines: readonly Line[]): TextLine[] {
  const shown = new Uint8Array(lines.length);
  lines.forEach((line, index) => {
    if (line.op !== 'same') shown.fill(1, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
  });
  const result: TextLine[] = [];
  let skipped = 0;
  lines.forEach((line, index) => {
    if (shown[index] === 0) {
      skipped += 1;
      return;
    }
    if (skipped > 0) result.push({ op: 'skipped', count: skipped });
    skipped = 0;
    result.push(line);
  });
  if (skipped > 0) result.push({ op: 'skipped', count: skipped });
  return result;
}
