import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import type { Logger } from '../../lib/logger.ts';
import { N8nError } from '../http/errors.ts';
import { inTurn } from '../http/large-answers.ts';
import { requireItems } from './page-source.ts';
import { smallerPages } from '../http/too-large.ts';
import { segment, type N8nClient } from '../http/types.ts';

export interface ReadRowsOptions {
  /** Only rows with a greater id. */
  readonly after?: number | undefined;
  /**
   * Rows in one page, to begin with: where a page is too large, less are asked for from there on. Default: 250, n8n's
   * most.
   */
  readonly pageSize?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called when pages have to be smaller. */
  readonly logger?: Logger | undefined;
}

/**
 * The rows of a data table in id order, page by page, each page after the last id of the one before: stable while
 * rows are added and deleted (docs/internal/n8n-api-notes.md, Lists). The next page is requested while the current
 * one is worked on; no more than these two are held. A caller that works on a page must not wait for another answer
 * of n8n: a large page keeps its turn until the next one is asked for, and is empty then.
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
  let pageSize = options.pageSize ?? 250;
  const read = async (after: number | undefined): Promise<RowPage> => {
    for (;;) {
      try {
        return await readPage(client, path, after, pageSize, signal);
      } catch (error) {
        pageSize = smallerPages(error, pageSize, options.logger);
      }
    }
  };
  let next: Promise<RowPage> | null = read(options.after);
  try {
    while (next !== null) {
      using page: RowPage = await next;
      if (page.items.length === 0) return;
      next = page.more ? read(page.lastId) : null;
      // Its failure is met when its turn comes; until then the consumer may take its time.
      next?.catch(() => undefined);
      yield page.items;
    }
  } finally {
    stop.abort();
    // A page that was read ahead, and that nobody will look at.
    next?.then(
      (page) => page[Symbol.dispose](),
      () => undefined,
    );
  }
}

interface RowPage extends Disposable {
  readonly items: JsonObject[];
  readonly lastId: number | undefined;
  readonly more: boolean;
}

function readPage(
  client: N8nClient,
  path: string,
  after: number | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<RowPage> {
  const filters = [{ columnName: 'id', condition: 'gt', value: after }];
  const filter = after === undefined ? undefined : JSON.stringify({ type: 'and', filters });
  const check = (value: unknown): void => void toPage(value, path, after, limit);
  const query = { limit, sortBy: 'id:asc', filter };
  return inTurn(async (turn) => toPage(await client.get(path, { query, signal, check, turn }), path, after, limit));
}

function toPage(
  answer: unknown,
  path: string,
  after: number | undefined,
  limit: number,
): Omit<RowPage, keyof Disposable> {
  const { data, nextCursor } = isJsonObject(answer) ? answer : {};
  const rows = requireItems(data, path);
  let lastId = after;
  for (const row of rows) lastId = requireGreater(row['id'], lastId, path);
  // A full page without a cursor may be a count that was taken after a delete: one more request makes sure.
  return { items: rows, lastId, more: rows.length >= limit || typeof nextCursor === 'string' };
}

function requireGreater(id: unknown, last: number | undefined, path: string): number {
  if (typeof id === 'number' && Number.isSafeInteger(id) && (last === undefined || id > last)) return id;
  throw new N8nError('invalid-answer', `the rows of ${path} are not in the order of their ids`, {
    request: `GET ${path}`,
    remedy: 'This n8n does not sort or filter rows by id as it should; update n8n.',
  });
}
