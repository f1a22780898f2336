import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { N8nError } from './errors.ts';
import { requireItems } from './page-source.ts';
import { segment, type N8nClient } from './types.ts';

export interface ReadRowsOptions {
  /** Only rows with a greater id. */
  readonly after?: number | undefined;
  /** Rows in one page. Default: 250, the most that n8n takes. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The rows of a data table in id order, page by page, each page after the last id of the one before: stable while rows
 * are added and deleted (N8N-API-FACTS section 3). The next page is requested while the current one is worked on; no
 * more than these two are held.
 * @throws N8nError 'invalid-answer' where the ids do not increase, 'not-found' where there is no such table
 */
export async function* readRows(
  client: N8nClient,
  tableId: string,
  options: ReadRowsOptions = {},
): AsyncGenerator<readonly JsonObject[], void, undefined> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const path = `/data-tables/${segment(tableId)}/rows`;
  const read = (after: number | undefined): Promise<RowPage> =>
    readPage(client, path, after, options.pageSize ?? 250, signal);
  try {
    let next: Promise<RowPage> | null = read(options.after);
    while (next !== null) {
      const page: RowPage = await next;
      if (page.rows.length === 0) return;
      next = page.more ? read(page.lastId) : null;
      // Its failure is met when its turn comes; until then the consumer may take its time.
      next?.catch(() => undefined);
      yield page.rows;
    }
  } finally {
    stop.abort();
  }
}

interface RowPage {
  readonly rows: readonly JsonObject[];
  readonly lastId: number | undefined;
  readonly more: boolean;
}

async function readPage(
  client: N8nClient,
  path: string,
  after: number | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<RowPage> {
  const filters = [{ columnName: 'id', condition: 'gt', value: after }];
  const filter = after === undefined ? undefined : JSON.stringify({ type: 'and', filters });
  const check = (value: unknown): void => void toPage(value, path, after, limit);
  const answer = await client.get(path, { query: { limit, sortBy: 'id:asc', filter }, signal, check });
  return toPage(answer, path, after, limit);
}

function toPage(answer: unknown, path: string, after: number | undefined, limit: number): RowPage {
  const { data, nextCursor } = isJsonObject(answer) ? answer : {};
  const rows = requireItems(data, path);
  let lastId = after;
  for (const row of rows) lastId = requireGreater(row['id'], lastId, path);
  // A full page without a cursor may be a count that was taken after a delete: one more request makes sure.
  return { rows, lastId, more: rows.length >= limit || typeof nextCursor === 'string' };
}

function requireGreater(id: unknown, last: number | undefined, path: string): number {
  if (typeof id === 'number' && Number.isSafeInteger(id) && (last === undefined || id > last)) return id;
  throw new N8nError('invalid-answer', `the rows of ${path} do not come in the order of their ids`, {
    request: `GET ${path}`,
    remedy: 'This n8n does not sort or filter rows by id as it should; update n8n.',
  });
}
