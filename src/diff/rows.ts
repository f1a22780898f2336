import { canonicalJsonLine, isJsonObject, type JsonObject } from '../lib/json/json.ts';
import { mapKey } from '../lib/hash.ts';
import { Pauses } from '../lib/pauses.ts';
import { omit } from '../kinds/fields.ts';
import { parseSnapshotText } from '../snapshot/format/damaged-file.ts';
import type { Budget } from './budget.ts';
import type { CompareContext } from './compare-context.ts';
import { levelTexts } from './level.ts';
import { knownSame, sameContent } from './pair-files.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';
import type { RowDiff, RowsDiff } from './types.ts';
import { diffValues, sameJson } from './text/values.ts';

/** Rows that are listed one by one; beyond that they are counted. */
const LISTED = 50;
/** Rows between two pauses. */
const ROWS_AT_ONCE = 1000;
/** Members that are not content: times, and the id, which is the name of the row. */
const NO_CONTENT = ['id', 'createdAt', 'updatedAt'];

/** Row files of one table on both sides, of the same range of ids: null where a side has none in the range. */
export interface RowFilePair {
  readonly from: string | null;
  readonly to: string | null;
}

export interface RowsFound {
  /** null where no row differs. */
  readonly rows: RowsDiff | null;
  /** Texts that could not be compared, since a part of them was withheld. */
  readonly withheld: number;
}

/**
 * Compares the rows of one table, one pair of files (a thousand row ids) at a time; files with the same bytes are
 * told by their hash.
 */
export async function diffRows(context: CompareContext, pairs: readonly RowFilePair[]): Promise<RowsFound> {
  const { from, to, signal, budget } = context;
  const pauses = new Pauses(ROWS_AT_ONCE);
  const counts = { added: 0, removed: 0, changed: 0 };
  const listed: RowDiff[] = [];
  let withheld = 0;
  for (const pair of pairs) {
    if (pair.from !== null && pair.to !== null && knownSame(context, 'data-tables', pair.from, pair.to)) continue;
    const content = pair.to === null ? null : await readFile(to, pair.to, signal);
    if (content && pair.from !== null && sameContent(context, 'data-tables', pair.from, content)) continue;
    const before = pair.from === null ? null : await readFile(from, pair.from, signal);
    const [old, now] = [await toRows(from, pair.from, before), await toRows(to, pair.to, content)];
    for (const [id, row, other] of paired(old, now)) {
      await pauses.after();
      // A row that is not listed is only counted.
      const found = compareRow(context, id, row, other, listed.length < LISTED ? budget : null);
      withheld += found.withheld;
      if (!found.row) continue;
      counts[found.row.change] += 1;
      if (listed.length < LISTED) listed.push(found.row);
    }
  }
  const none = counts.added + counts.removed + counts.changed === 0;
  return { rows: none ? null : { ...counts, listed }, withheld };
}

async function readFile(
  source: SnapshotView,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | null> {
  for await (const [, content] of source.readMany([path], signal)) return content;
  return null;
}

async function toRows(
  source: SnapshotView,
  path: string | null,
  content: Uint8Array | null,
): Promise<Map<string, JsonObject>> {
  const rows = new Map<string, JsonObject>();
  if (!content || path === null) return rows;
  const pauses = new Pauses(ROWS_AT_ONCE);
  for (const line of Buffer.from(content).toString('utf8').split('\n')) {
    const row = line === '' ? null : parseSnapshotText(path, line, source.id);
    if (isJsonObject(row)) rows.set(mapKey(canonicalJsonLine(row.id ?? null)), row);
    await pauses.after();
  }
  return rows;
}

type PairedRow = readonly [id: string, before: JsonObject | undefined, after: JsonObject | undefined];

/** The rows of both sides by their ids; those that only the newer one has come last. */
function* paired(before: ReadonlyMap<string, JsonObject>, after: ReadonlyMap<string, JsonObject>): Iterable<PairedRow> {
  for (const [id, row] of before) yield [id, row, after.get(id)];
  for (const [id, row] of after) if (!before.has(id)) yield [id, undefined, row];
}

/** What differs in a row, or null; without a budget only whether something does. */
function compareRow(
  context: CompareContext,
  id: string,
  before: JsonObject | undefined,
  after: JsonObject | undefined,
  budget: Budget | null,
): { readonly row: RowDiff | null; readonly withheld: number } {
  const [old, now] = [omit(before ?? {}, NO_CONTENT), omit(after ?? {}, NO_CONTENT)];
  if (!before || !after) {
    const columns = budget ? diffValues(old, now, budget) : [];
    return { row: { change: after ? 'added' : 'removed', id, columns }, withheld: 0 };
  }
  const { withheld, ...sides } = levelTexts(context, 'data-tables', old, now, [0]);
  if (sameJson(sides.before, sides.after)) return { row: null, withheld };
  const columns = budget ? diffValues(sides.before, sides.after, budget) : [];
  return { row: { change: 'changed', id, columns }, withheld };
}
