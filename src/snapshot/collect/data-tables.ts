import { canonicalJsonLine, isRawNumber, type JsonObject } from '../../lib/json.ts';
import { isN8nError, N8nError } from '../../n8n/errors.ts';
import { readRows } from '../../n8n/paginate.ts';
import { parseDataTable, type DataTable } from '../../resources/data-tables.ts';
import { dataTableFolder, rowsFile } from '../paths.ts';
import { putJson, type CollectContext, type KindContent } from './context.ts';
import { listItems } from './list-items.ts';

/** Reads every data table with its columns and all its rows, one table after another so that memory stays bounded. */
export async function collectDataTables(context: CollectContext): Promise<KindContent> {
  const tables = await listItems(context, 'data-tables', '/data-tables', parseDataTable);
  let items = 0;
  let rows = 0;
  for (const table of tables) {
    const count = await collectTable(context, table, rows);
    if (count === null) continue;
    items += 1;
    rows += count;
  }
  return { items, rows };
}

/** The number of rows, or null where the table was deleted since the listing. */
async function collectTable(
  context: CollectContext,
  table: DataTable,
  rowsBefore: number,
): Promise<number | null> {
  const folder = dataTableFolder(table.name, table.id);
  const written: string[] = [];
  let count = 0;
  try {
    const rows = new RowFiles((name, content) => {
      written.push(folder + name);
      context.put(folder + name, content);
    });
    for await (const page of readRows(context.client, table.id, { signal: context.signal })) {
      for (const row of page) rows.add(row);
      count += page.length;
      context.progress('data-tables', rowsBefore + count);
    }
    rows.finish();
  } catch (error) {
    if (!isN8nError(error, 'not-found')) throw error;
    for (const path of written) context.drop(path);
    return null;
  }
  putJson(context, `${folder}table.json`, table, table.name);
  return count;
}

/** Gathers rows, which come in id order, into files of one id range each. */
class RowFiles {
  readonly #write: (name: string, content: Uint8Array) => void;
  #name = '';
  #lines: string[] = [];

  constructor(write: (name: string, content: Uint8Array) => void) {
    this.#write = write;
  }

  add(row: JsonObject): void {
    const name = rowsFile(rowId(row));
    if (name !== this.#name) {
      this.finish();
      this.#name = name;
    }
    this.#lines.push(canonicalJsonLine(row));
  }

  finish(): void {
    if (this.#lines.length === 0) return;
    this.#write(this.#name, Buffer.from(`${this.#lines.join('\n')}\n`));
    this.#lines = [];
  }
}

function rowId(row: JsonObject): number {
  const id: unknown = row.id;
  const value = isRawNumber(id) ? Number(id.rawJSON) : id;
  if (typeof value === 'number') return value;
  throw new N8nError('invalid-answer', 'n8n answered a data table row without a number as its id');
}
