/** A line of the snapshot as it is to be on the target. */
export interface WantedLine {
  /** null: its secret is somewhere in the target's text, and was not found for sure. */
  readonly text: string | null;
  /** The line of the target that it is. */
  readonly source: string | null;
  /** What it is where the target has nothing in its place. */
  readonly otherwise: string;
}

export interface MergedLines {
  readonly lines: readonly string[];
  /** Lines of the target, from 1, that stay as they are. */
  readonly kept: readonly number[];
  /** Whether a line has nothing in its place on the target. */
  readonly missing: boolean;
}

/**
 * The lines of the snapshot, with those of the target where a secret was not found: what the target has between the
 * nearest lines that both have. Where that is as many lines as the snapshot has there, each stands for its own;
 * otherwise it is all that the snapshot does not have.
 * @returns null where nothing tells which lines those are: then a secret might be lost
 */
export function mergeLines(wanted: readonly WantedLine[], target: readonly string[]): MergedLines | null {
  if (wanted.every(({ text }) => text !== null))
    return { lines: wanted.map(({ text }) => text!), kept: [], missing: false };
  const anchors = anchorsOf(wanted, target);
  if (anchors.length === 0 && wanted.length !== target.length) return null;
  const known = new Set(wanted.flatMap(({ source, text }) => [source, text]));
  const merged = { lines: [] as string[], kept: [] as number[], missing: false };
  let lost = 0;
  for (const { from, to, start, end } of segmentsOf(anchors, wanted.length, target.length)) {
    const left = new Set(range(start, end).filter((index) => !known.has(target[index]!)));
    for (const [index, { text, otherwise }] of wanted.slice(from, to).entries()) {
      const own = to - from === end - start ? [start + index] : left;
      const share = text === null ? [...own].filter((each) => left.has(each)) : [];
      for (const each of share) {
        left.delete(each);
        merged.lines.push(target[each]!);
        merged.kept.push(each + 1);
      }
      if (share.length === 0) merged.lines.push(text ?? otherwise);
      merged.missing ||= text === null && share.length === 0;
    }
    lost += left.size;
  }
  return merged.missing && lost > 0 ? null : merged;
}

interface Anchor {
  readonly wanted: number;
  readonly target: number;
}

/** Lines that are in both once, in the same order. */
function anchorsOf(wanted: readonly WantedLine[], target: readonly string[]): Anchor[] {
  const places = onceIn(target);
  const own = onceIn(wanted.map(({ source }) => source));
  const anchors: Anchor[] = [];
  for (const [line, index] of own) {
    const at = line === null || line.trim() === '' ? undefined : places.get(line);
    if (at !== undefined && at > (anchors.at(-1)?.target ?? -1)) anchors.push({ wanted: index, target: at });
  }
  return anchors;
}

function onceIn<T>(lines: readonly T[]): Map<T, number> {
  const places = new Map<T, number>();
  const again = new Set<T>();
  for (const [index, line] of lines.entries())
    if (places.has(line)) again.add(line);
    else places.set(line, index);
  for (const line of again) places.delete(line);
  return places;
}

/** What lies before, between and behind the anchors; each segment begins with its anchor's line. */
function segmentsOf(
  anchors: readonly Anchor[],
  wanted: number,
  target: number,
): { from: number; to: number; start: number; end: number }[] {
  const starts = [{ wanted: 0, target: 0 }, ...anchors];
  return starts.map((anchor, index) => {
    const next = starts[index + 1] ?? { wanted, target };
    return { from: anchor.wanted, to: next.wanted, start: anchor.target, end: next.target };
  });
}

function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(end - start, 0) }, (_, index) => start + index);
}
