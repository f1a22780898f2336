import type { JsonObject } from '../../../lib/json/json.ts';
import { segment } from '../../../n8n/http/types.ts';
import { pick } from '../../../kinds/fields.ts';
import { RowCounts } from '../../plan/compare/compare-rows.ts';
import type { TableItem } from '../../model/model.ts';
import { presentOf, targetIdOf, type ActionOf } from '../actions.ts';
import { attempt } from '../attempt.ts';
import type { ApplyContext } from '../context.ts';

/** n8n takes 16 MB in a request and 20,000 rows in half a second; smaller batches keep memory and answers small. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 4 * 2 ** 20;

/** Puts the rows of data tables back, one table after another. */
export async function applyRows(context: ApplyContext): Promise<void> {
  for (const action of presentOf(context, 'data-tables')) {
    const table = context.source.tables.get(action.sourceId);
    if (action.work.rows.do === 'keep' || !table) continue;
    await attempt(context, action, () => applyRowsOf(context, action, table));
  }
}

async function applyRowsOf(
  context: ApplyContext,
  action: ActionOf<'data-tables'>,
  table: TableItem,
): Promise<void> {
  const targetId = targetIdOf(context, action);
  const columns = columnsOf(context, action, table);
  const work = action.work.rows;
  const live = context.live.tables.get(targetId);
  const there = work.do === 'append' && live ? await RowCounts.of(live, columns, context.signal) : null;
  if (work.do === 'replace' && work.deleteUpToId !== null)
    await deleteUpTo(context, targetId, work.deleteUpToId);
  const batch = new RowBatch((rows) => insert(context, targetId, rows));
  let done = 0;
  for await (const row of table.rows(context.signal)) {
    // Ids and times are left out: n8n assigns them, and refuses rows that carry them.
    if (!there?.take(row)) await batch.add(pick(row, columns));
    context.progress.update((done += 1));
  }
  await batch.flush();
}

/**
 * The columns that can be written: all of a table that was missing; of one that was there, those that it has under this
 * name and type, or was given.
 */
function columnsOf(context: ApplyContext, action: ActionOf<'data-tables'>, table: TableItem): string[] {
  if (action.verb === 'create') return table.columns.map(({ name }) => name);
  const has = [...(context.live.tables.get(action.targetId)?.columns ?? []), ...action.work.addColumns];
  return table.columns
    .filter(({ name, type }) => has.some((column) => column.name === name && column.type === type))
    .map(({ name }) => name);
}

/** Rows that another process adds meanwhile have higher ids, and are kept. */
async function deleteUpTo(context: ApplyContext, tableId: string, id: number): Promise<void> {
  const filter = { type: 'and', filters: [{ columnName: 'id', condition: 'lte', value: id }] };
  const query = { filter: JSON.stringify(filter) };
  const path = `/data-tables/${segment(tableId)}/rows/delete`;
  await context.client.delete(path, { query, signal: context.signal });
}

async function insert(context: ApplyContext, tableId: string, rows: readonly JsonObject[]): Promise<void> {
  const body = { data: rows, returnType: 'count' };
  await context.client.post(`/data-tables/${segment(tableId)}/rows`, body, { signal: context.signal });
}

/** Gathers rows until a request is worth it. */
class RowBatch {
  readonly #send: (rows: readonly JsonObject[]) => Promise<void>;
  #rows: JsonObject[] = [];
  #bytes = 0;

  constructor(send: (rows: readonly JsonObject[]) => Promise<void>) {
    this.#send = send;
  }

  async add(row: JsonObject): Promise<void> {
    const bytes = Buffer.byteLength(JSON.stringify(row));
    if (this.#rows.length >= BATCH_ROWS || this.#bytes + bytes > BATCH_BYTES) await this.flush();
    this.#rows.push(row);
    this.#bytes += bytes;
  }

  async flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const rows = this.#rows;
    this.#rows = [];
    this.#bytes = 0;
    await this.#send(rows);
  }
}
