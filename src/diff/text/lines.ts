import { mapKey } from '../../lib/hash.ts';
import type { Budget } from '../budget.ts';
import type { TextLine } from '../types.ts';
import { commonEntries } from './common-lines.ts';

/** Equal lines that are shown around a change. */
const CONTEXT = 2;
/** Most lines that two texts may have together: more are nothing that somebody reads, and hold the process up. */
const MAX_LINES = 400_000;

type Line = Extract<TextLine, { readonly text: string }>;

/**
 * A line diff of two texts, with a little context. null where the texts are too large to be compared line by line, or
 * what they have in common is too much out of order: then they have changed as a whole.
 */
export function diffLines(from: string, to: string, budget: Budget): TextLine[] | null {
  // Anyone who has no steps at all asks only whether the texts differ.
  if (budget.forOne === 0) return refused(budget);
  const [before, after] = [linesOf(from), linesOf(to)];
  if (before.length + after.length > MAX_LINES) return refused(budget);
  const lines = allLines(before, after, budget);
  return lines === null ? refused(budget) : withContext(lines);
}

function refused(budget: Budget): null {
  budget.refuse();
  return null;
}

/** The lines of a text; one more than `MAX_LINES` where it has more. */
function linesOf(text: string): string[] {
  return text.split('\n', MAX_LINES + 1);
}

function allLines(from: readonly string[], to: readonly string[], budget: Budget): Line[] | null {
  const numbers = new Map<string, number>();
  const [before, after] = [numbered(from, numbers), numbered(to, numbers)];
  const both = inBoth(before, after, numbers.size);
  // A line that only one side has is no question: without these, a text that was changed throughout is compared at
  // once.
  const [old, now] = [indexesOf(before, both), indexesOf(after, both)];
  const limit = budget.forOne;
  const common = commonEntries(
    old.map((index) => before[index]!),
    now.map((index) => after[index]!),
    limit,
  );
  budget.spend(common?.steps ?? limit);
  if (!common) return null;
  return merge(
    from,
    to,
    new Set(old.filter((_, at) => common.from[at])),
    new Set(now.filter((_, at) => common.to[at])),
  );
}

/** Equal lines have the same number. */
function numbered(lines: readonly string[], numbers: Map<string, number>): Int32Array {
  const result = new Int32Array(lines.length);
  for (let index = 0; index < lines.length; index++) {
    const key = mapKey(lines[index]!);
    const number = numbers.get(key) ?? numbers.size;
    if (number === numbers.size) numbers.set(key, number);
    result[index] = number;
  }
  return result;
}

/** 3 at the number of each line that both sides have. */
function inBoth(before: Int32Array, after: Int32Array, count: number): Uint8Array {
  const sides = new Uint8Array(count);
  for (const number of before) sides[number]! |= 1;
  for (const number of after) sides[number]! |= 2;
  return sides;
}

function indexesOf(lines: Int32Array, sides: Uint8Array): Int32Array {
  return lines.map((_, index) => index).filter((index) => sides[lines[index]!] === 3);
}

/** `same` are the indexes of the lines that both sides have, in order. */
function merge(
  from: readonly string[],
  to: readonly string[],
  sameBefore: ReadonlySet<number>,
  sameAfter: ReadonlySet<number>,
): Line[] {
  const lines: Line[] = [];
  let next = 0;
  const addUntilSame = (): void => {
    while (next < to.length && !sameAfter.has(next)) lines.push({ op: 'added', text: to[next++]! });
  };
  for (const [index, text] of from.entries()) {
    if (!sameBefore.has(index)) {
      lines.push({ op: 'removed', text });
      continue;
    }
    addUntilSame();
    lines.push({ op: 'same', text });
    next += 1;
  }
  addUntilSame();
  return lines;
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
