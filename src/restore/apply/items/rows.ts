import type { JsonObject } from '../../../lib/json/json.ts';
import { segment, type N8nClient } from '../../../n8n/http/types.ts';
import { pick } from '../../../kinds/fields.ts';
import { RowCounts } from '../../plan/compare/compare-rows.ts';
import type { TableItem } from '../../model/model.ts';
import type { ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';

/** n8n takes 16 MB in a request and 20,000 rows in half a second; smaller batches keep memory and answers small. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 4 * 2 ** 20;

/** Puts the rows of data tables back, one table after another. */
export async function applyRows(context: ApplyContext): Promise<void> {
  const { actions } = context;
  const differing = actions.present('data-tables').filter(({ work }) => work.rows.do !== 'keep');
  await actions.attemptEach(differing, (action) => applyRowsOf(context, action));
}

async function applyRowsOf(context: ApplyContext, action: ActionOf<'data-tables'>): Promise<void> {
  const { client, ids, live, progress, source } = context;
  const table = source['data-tables'].get(action.sourceId)!;
  const targetId = ids.ofAction(action);
  const path = `/data-tables/${segment(targetId)}/rows`;
  const columns = columnsOf(context, action, table);
  const work = action.work.rows;
  const target = live['data-tables'].get(targetId);
  const there = work.do === 'append' && target ? await RowCounts.of(target, columns) : null;
  if (work.do === 'replace' && work.deleteUpToId !== null) await deleteUpTo(client, path, work.deleteUpToId);
  const batch = new RowBatch(async (rows) => {
    await client.post(path, { data: rows, returnType: 'count' });
  });
  let done = 0;
  for await (const row of table.rows()) {
    // Ids and times are left out: n8n assigns them, and refuses rows that carry them.
    if (!there?.take(row)) await batch.add(pick(row, columns));
    progress.update((done += 1));
  }
  await batch.flush();
}

/**
 * The columns that can be written: all of a table that was missing; of one that was there, those that it has under this
 * name and type, or was given.
 */
function columnsOf({ live }: ApplyContext, action: ActionOf<'data-tables'>, table: TableItem): string[] {
  if (action.verb === 'create') return table.columns.map(({ name }) => name);
  const has = [...(live['data-tables'].get(action.targetId)?.columns ?? []), ...action.work.addColumns];
  return table.columns
    .filter(({ name, type }) => has.some((column) => column.name === name && column.type === type))
    .map(({ name }) => name);
}

/** Rows that another process adds meanwhile have higher ids, and are kept. */
async function deleteUpTo(client: N8nClient, path: string, id: number): Promise<void> {
  const filter = { type: 'and', filters: [{ columnName: 'id', condition: 'lte', value: id }] };
  await client.delete(`${path}/delete`, { query: { filter: JSON.stringify(filter) } });
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
