import { createHash } from 'node:crypto';
import { canonicalJsonLine, isRawNumber, type JsonObject } from '../../../lib/json/json.ts';
import { sha256 } from '../../../lib/hash.ts';
import type { TableItem } from '../../model/model.ts';

/** How the rows of a table of the snapshot compare with those on the target. */
export interface RowFacts {
  readonly sourceRows: number;
  readonly targetRows: number;
  /** The highest row id on the target, or null where it has none. */
  readonly targetMaxId: number | null;
  /** Same values in the same order. Ids and times do not count: n8n assigns new ones. */
  readonly equal: boolean;
  /** Rows of the snapshot that the target lacks, each counted as often as it lacks it. */
  readonly missing: number;
}

/**
 * Compares rows by the values of the snapshot's columns. One row of each is in memory at a time, and where they differ
 * 16 bytes for each row of the target.
 */
export async function compareRows(source: TableItem, target: TableItem | null): Promise<RowFacts> {
  const columns = source.columns.map((column) => column.name);
  const own = await digestRows(source, columns);
  if (!target)
    return {
      sourceRows: own.rows,
      targetRows: 0,
      targetMaxId: null,
      equal: own.rows === 0,
      missing: own.rows,
    };
  const other = await digestRows(target, columns);
  const equal = own.digest === other.digest;
  return {
    sourceRows: own.rows,
    targetRows: other.rows,
    targetMaxId: other.maxId,
    equal,
    missing: equal ? 0 : await countMissing(source, target, columns),
  };
}

/** The values of a row that count, as a text: equal rows give equal texts. A column without a value is null. */
function rowValues(row: JsonObject, columns: readonly string[]): string {
  return canonicalJsonLine(columns.map((column) => (Object.hasOwn(row, column) ? (row[column] ?? null) : null)));
}

async function digestRows(
  table: TableItem,
  columns: readonly string[],
): Promise<{ digest: string; rows: number; maxId: number | null }> {
  const hash = createHash('sha256');
  let rows = 0;
  let maxId: number | null = null;
  for await (const row of table.rows()) {
    hash.update(`${rowValues(row, columns)}\n`);
    rows += 1;
    const id = isRawNumber(row.id) ? Number(row.id.rawJSON) : Number(row.id);
    maxId = Math.max(maxId ?? id, id);
  }
  return { digest: hash.digest('hex'), rows, maxId };
}

async function countMissing(source: TableItem, target: TableItem, columns: readonly string[]): Promise<number> {
  const there = await RowCounts.of(target, columns);
  let missing = 0;
  for await (const row of source.rows()) if (!there.take(row)) missing += 1;
  return missing;
}

/** How often each row is in a table. A hash stands for a row, so that memory does not grow with how wide rows are. */
export class RowCounts {
  readonly #columns: readonly string[];
  readonly #counts = new Map<string, number>();

  private constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  /** Counts the rows of a table by their values in these columns. */
  static async of(table: TableItem, columns: readonly string[]): Promise<RowCounts> {
    const counts = new RowCounts(columns);
    for await (const row of table.rows()) counts.#add(counts.#keyOf(row), 1);
    return counts;
  }

  /** Takes one row away; false if no equal row is left. */
  take(row: JsonObject): boolean {
    const key = this.#keyOf(row);
    if ((this.#counts.get(key) ?? 0) === 0) return false;
    this.#add(key, -1);
    return true;
  }

  #add(key: string, more: number): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + more);
  }

  #keyOf(row: JsonObject): string {
    return sha256(rowValues(row, this.#columns)).slice(0, 32);
  }
}
