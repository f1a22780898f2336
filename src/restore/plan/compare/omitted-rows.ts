import { canonicalJsonLine, type JsonObject } from '../../../lib/json/json.ts';
import type { Kind } from '../../../kinds/kinds.ts';
import { hasMarker } from '../../../snapshot/secrets/marker.ts';
import { formOf, type TextForm } from '../../../snapshot/format/header.ts';
import { plainDocument } from '../../../snapshot/treat/plain-text.ts';
import { canBeSecret, secretsIn, templateOf } from '../../../snapshot/treat/template.ts';
import type { Identities } from '../select/identity.ts';
import type { SnapshotModel, TableItem } from '../../model/model.ts';
import type { Note, Withheld } from '../types.ts';

/**
 * The tables of a snapshot as n8n has them, whose redacted rows are given with the values that the target has in them.
 * A row is known by its other values; ids are n8n's to give. Only where the store redacts are rows looked at.
 */
export async function fillTables(
  source: SnapshotModel,
  live: SnapshotModel,
  identities: Identities,
  tell: (kind: Kind, id: string, notes: readonly Note[], withheld: Withheld) => void,
): Promise<SnapshotModel['data-tables']> {
  const form = formOf(source.header.kinds['data-tables']);
  if (form === 'plain') return source['data-tables'];
  const tables = new Map<string, TableItem>();
  for (const [id, table] of source['data-tables']) {
    const target = identities.match('data-tables', id)?.targetId;
    const there = typeof target === 'string' ? live['data-tables'].get(target) : undefined;
    const { filled, open, texts } = await fillTable(table, there, form);
    tables.set(id, filled);
    tell('data-tables', id, open > 0 ? [noteOf(open)] : [], { texts, kept: 0, others: [] });
  }
  return tables;
}

function noteOf(rows: number): Note {
  const message = `${rows === 1 ? '1 row holds' : `${rows} rows hold`} a redacted secret, to be entered manually`;
  return { code: 'by-hand', message };
}

interface FilledTable {
  readonly filled: TableItem;
  /** Rows whose secrets the target does not have. */
  readonly open: number;
  /** Texts of which a part was taken from the target. */
  readonly texts: number;
}

async function fillTable(table: TableItem, there: TableItem | undefined, form: TextForm): Promise<FilledTable> {
  const columns = table.columns.map(({ name }) => name);
  const marked: JsonObject[] = [];
  let escaped = false;
  for await (const row of table.rows()) {
    escaped ||= plainRow(row, form) !== row;
    if (markedColumns(row, columns).length > 0) marked.push(row);
  }
  if (marked.length === 0 && !escaped) return { filled: table, open: 0, texts: 0 };
  const found = await findRows(marked, columns, there, form);
  const rows = async function* (): AsyncIterable<JsonObject> {
    const take = taker(found, columns, form);
    for await (const row of table.rows()) yield { ...plainRow(row, form), ...take(row) };
  };
  const take = taker(found, columns, form);
  const cells = marked.map(take);
  const open = cells.filter((cell) => cell === null).length;
  const texts = cells.reduce((sum, cell) => sum + Object.keys(cell ?? {}).length, 0);
  return { filled: { ...table, rows }, open, texts };
}

/** A row as n8n has it, but for what was redacted. */
function plainRow(row: JsonObject, form: TextForm): JsonObject {
  return plainDocument(row, form, [0]);
}

/**
 * Gives for each marked row, in order, the cells of the next row of the target that it can be; null where there is
 * none.
 */
function taker(
  found: ReadonlyMap<string, readonly JsonObject[]>,
  columns: readonly string[],
  form: TextForm,
): (row: JsonObject) => JsonObject | null {
  const taken = new Map<string, number>();
  return (row) => {
    const gaps = markedColumns(row, columns);
    if (gaps.length === 0) return null;
    const key = keyOf(plainRow(row, form), columns, gaps);
    const index = taken.get(key) ?? 0;
    taken.set(key, index + 1);
    const same = found.get(key)?.[index];
    return same && fitsRow(row, same, gaps, form) ? pickCells(same, gaps) : null;
  };
}

/**
 * In so many sets of columns secrets are looked for. A table has them in one or two; each more costs a look at every
 * row, and rows of others count as open.
 */
const MOST_SHAPES = 32;

/** The target's rows that the marked ones can be, by what those have in common. */
async function findRows(
  marked: readonly JsonObject[],
  columns: readonly string[],
  there: TableItem | undefined,
  form: TextForm,
): Promise<Map<string, JsonObject[]>> {
  const found = new Map<string, JsonObject[]>();
  if (!there) return found;
  const wanted = new Map<string, JsonObject>();
  const shapes = new Map<string, readonly string[]>();
  for (const row of marked) {
    const gaps = markedColumns(row, columns);
    wanted.set(keyOf(plainRow(row, form), columns, gaps), row);
    if (shapes.size < MOST_SHAPES) shapes.set(gaps.join('\n'), gaps);
  }
  for await (const row of there.rows()) {
    for (const gaps of shapes.values()) {
      const key = keyOf(row, columns, gaps);
      const own = wanted.get(key);
      if (!own || !fitsRow(own, row, gaps, form)) continue;
      const same = found.get(key);
      if (same) same.push(row);
      else found.set(key, [row]);
    }
  }
  return found;
}

function markedColumns(row: JsonObject, columns: readonly string[]): string[] {
  return columns.filter((column) => {
    const cell = row[column];
    return typeof cell === 'string' && hasMarker(cell);
  });
}

/** The values of the other columns, and which those are. */
function keyOf(row: JsonObject, columns: readonly string[], gaps: readonly string[]): string {
  const others = columns.filter((column) => !gaps.includes(column));
  return canonicalJsonLine([gaps, others.map((column) => row[column] ?? null)]);
}

function fitsRow(marked: JsonObject, row: JsonObject, gaps: readonly string[], form: TextForm): boolean {
  const plain = (text: string): string => plainDocument(text, form);
  return gaps.every((column) => {
    const [stored, cell] = [marked[column], row[column]];
    if (typeof stored !== 'string' || typeof cell !== 'string') return false;
    return secretsIn(templateOf(stored, plain), cell, canBeSecret) !== null;
  });
}

function pickCells(row: JsonObject, columns: readonly string[]): JsonObject {
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}
