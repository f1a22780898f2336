import { canonicalJsonLine, isRawNumber, type JsonObject } from '../../lib/json/json.ts';
import { isN8nError, N8nError } from '../../n8n/http/errors.ts';
import { readRows } from '../../n8n/list/rows.ts';
import { parseDataTable, type DataTable } from '../../kinds/data-tables.ts';
import { dataTableFolder, rowsFile } from '../format/paths.ts';
import { putJson, type CollectContext, type KindContent } from './context.ts';
import { listItems } from './list-items.ts';

/** Reads every data table with its columns and all its rows, one table after another so that memory stays bounded. */
export async function collectDataTables(context: CollectContext): Promise<KindContent> {
  const tables = await listItems(context, 'data-tables', parseDataTable);
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
async function collectTable(context: CollectContext, table: DataTable, rowsBefore: number): Promise<number | null> {
  const folder = dataTableFolder(table.name, table.id);
  const written: string[] = [];
  let count = 0;
  try {
    const rows = new RowFiles((name, content) => {
      written.push(folder + name);
      context.staged.put(folder + name, content);
    });
    const { signal, logger } = context;
    for await (const page of readRows(context.client, table.id, { signal, logger })) {
      for (const row of page) rows.add(row);
      count += page.length;
      context.report('data-tables', rowsBefore + count);
    }
    rows.finish();
  } catch (error) {
    if (!isN8nError(error, 'not-found')) throw error;
    for (const path of written) context.staged.drop(path);
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
  #length = 0;

  constructor(write: (name: string, content: Uint8Array) => void) {
    this.#write = write;
  }

  add(row: JsonObject): void {
    const name = rowsFile(rowId(row));
    if (name !== this.#name) {
      this.finish();
      this.#name = name;
    }
    const line = canonicalJsonLine(row);
    this.#length += line.length;
    if (this.#length > MAX_FILE_LENGTH) throw tooLong(name);
    this.#lines.push(line);
  }

  finish(): void {
    if (this.#lines.length === 0) return;
    this.#write(this.#name, Buffer.from(`${this.#lines.join('\n')}\n`));
    this.#lines = [];
    this.#length = 0;
  }
}

/**
 * In UTF-16 code units. n8n takes 50 MB in all data tables together, unless N8N_DATA_TABLES_MAX_SIZE_BYTES says more.
 */
const MAX_FILE_LENGTH = 50 * 2 ** 20;

function tooLong(name: string): N8nError {
  return new N8nError('answer-too-large', `the rows for ${name} are larger than 50 MB`, {
    remedy: 'flowkeep keeps no more in memory at a time. Look for rows with very long texts.',
  });
}

function rowId(row: JsonObject): number {
  const id: unknown = row.id;
  const value = isRawNumber(id) ? Number(id.rawJSON) : id;
  if (typeof value === 'number') return value;
  throw new N8nError('invalid-answer', 'n8n answered a data table row without a number as its id');
}
