import { canonicalJsonLine, isJsonObject, type JsonObject } from '../lib/json/json.ts';
import { omit } from '../kinds/fields.ts';
import { parseSnapshotText } from '../snapshot/format/damaged-file.ts';
import { maskLike } from '../snapshot/treat/fill.ts';
import type { CompareContext } from './compare-context.ts';
import { knownSame } from './pair-files.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';
import type { RowDiff, RowsDiff } from './types.ts';
import { diffValues } from './text/values.ts';

/** Rows that are listed one by one; beyond that they are counted. */
const LISTED = 50;
/** Members that are not content: times, and the id, which is the name of the row. */
const NO_CONTENT = ['id', 'createdAt', 'updatedAt'];

/** Row files of one table on both sides, of the same range of ids: null where a side has none in the range. */
export interface RowFilePair {
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * Compares the rows of one table, one pair of files (a thousand row ids) at a time; files with the same bytes are
 * told by their hash. null where no row differs.
 */
export async function diffRows(context: CompareContext, pairs: readonly RowFilePair[]): Promise<RowsDiff | null> {
  const { from, to, signal } = context;
  const counts = { added: 0, removed: 0, changed: 0 };
  const listed: RowDiff[] = [];
  for (const pair of pairs) {
    if (pair.from !== null && pair.to !== null && knownSame(context, pair.from, pair.to)) continue;
    const content = pair.to === null ? null : await readFile(to, pair.to, signal);
    if (content && pair.from !== null && from.matches(pair.from, content)) continue;
    const before = pair.from === null ? null : await readFile(from, pair.from, signal);
    for (const row of compareRows(toRows(from, pair.from, before), toRows(to, pair.to, content))) {
      counts[row.change] += 1;
      if (listed.length < LISTED) listed.push(row);
    }
  }
  return counts.added + counts.removed + counts.changed === 0 ? null : { ...counts, listed };
}

async function readFile(
  source: SnapshotView,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | null> {
  for await (const [, content] of source.readMany([path], signal)) return content;
  return null;
}

function toRows(source: SnapshotView, path: string | null, content: Uint8Array | null): Map<string, JsonObject> {
  const rows = new Map<string, JsonObject>();
  if (!content || path === null) return rows;
  for (const line of Buffer.from(content).toString('utf8').split('\n')) {
    const row = line === '' ? null : parseSnapshotText(path, line, source.id);
    if (isJsonObject(row)) rows.set(canonicalJsonLine(row.id ?? null), row);
  }
  return rows;
}

function* compareRows(
  before: ReadonlyMap<string, JsonObject>,
  after: ReadonlyMap<string, JsonObject>,
): Iterable<RowDiff> {
  for (const [id, row] of before) {
    const now = after.get(id);
    if (!now) yield { change: 'removed', id, columns: diffValues(omit(row, NO_CONTENT), {}) };
    else {
      const [old, other] = [omit(row, NO_CONTENT), omit(now, NO_CONTENT)];
      const columns = diffValues(maskLike(old, other), maskLike(other, old));
      if (columns.length > 0) yield { change: 'changed', id, columns };
    }
  }
  for (const [id, row] of after)
    if (!before.has(id)) yield { change: 'added', id, columns: diffValues({}, omit(row, NO_CONTENT)) };
}
