import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json/json.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { readRows } from '../../../../src/n8n/list/rows.ts';
import { n8nErrorOf, testClient } from '../support/client.ts';
import { sendJson, startServer, type Received, type TestServer } from '../support/server.ts';

/** A data table as n8n serves it by keyset: rows after an id, in id order. */
function serveTable(ids: number[], onRequest: (count: number) => void = () => undefined): Promise<TestServer> {
  return startServer((request, response, count) => {
    onRequest(count);
    const query = queryOf(request);
    const filter = query.get('filter');
    const after = filter === null ? -1 : afterOf(filter);
    const left = ids.filter((id) => id > after).sort((one, other) => one - other);
    const limit = Number(query.get('limit'));
    sendJson(response, {
      data: left.slice(0, limit).map((id) => ({ id, a: `row ${id}` })),
      nextCursor: left.length > limit ? 'x' : null,
    });
  });
}

function queryOf(request: Received): URLSearchParams {
  return new URL(request.target, 'http://n8n').searchParams;
}

function afterOf(filter: string): number {
  const { filters } = JSON.parse(filter) as { filters: { value: number }[] };
  return filters[0]?.value ?? -1;
}

async function idsOf(pages: AsyncIterable<readonly JsonObject[]>): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const page of pages) ids.push(...page.map(({ id }) => id));
  return ids;
}

describe('readRows', () => {
  it('readRows gives all rows in id order, also where ids have gaps, and after a given one', async () => {
    const ids = [1, 2, 5, 6, 7, 100, 101];
    await using server = await serveTable(ids);
    const client = testClient(server.url);
    await expect(idsOf(readRows(client, 't1', { pageSize: 3 }))).resolves.toEqual(ids);
    await expect(idsOf(readRows(client, 't1', { after: 6 }))).resolves.toEqual([7, 100, 101]);
    await expect(idsOf(readRows(client, 't1', { after: 101 }))).resolves.toEqual([]);
  });

  it('readRows percent-encodes the colon of sortBy, which n8n insists on', async () => {
    await using server = await serveTable([1]);
    await idsOf(readRows(testClient(server.url), 'a/b', { after: 0 }));
    expect(server.received[0]?.target).toMatch(
      /^\/api\/v1\/data-tables\/a%2Fb\/rows\?limit=250&sortBy=id%3Aasc&filter=/,
    );
  });

  it('readRows skips and repeats no row while others are deleted and added', async () => {
    const ids = [1, 2, 3, 4, 5, 6, 7, 8];
    await using server = await serveTable(ids, (count) => {
      if (count === 2) ids.splice(0, 2);
      if (count === 3) ids.push(9);
    });
    await expect(idsOf(readRows(testClient(server.url), 't1', { pageSize: 3 }))).resolves.toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('readRows reads one page ahead and no more', async () => {
    const second = Promise.withResolvers<void>();
    await using server = await serveTable([1, 2, 3, 4, 5, 6, 7, 8], (count) => {
      if (count === 2) second.resolve();
    });
    const pages = readRows(testClient(server.url), 't1', { pageSize: 2 });
    await pages.next();
    await second.promise;
    expect(server.received).toHaveLength(2);
    await pages.return();
    expect(server.received).toHaveLength(2);
  });

  it('readRows refuses a table whose ids do not increase, instead of looping', async () => {
    await using server = await startServer((_request, response) =>
      sendJson(response, { data: [{ id: 1 }, { id: 2 }], nextCursor: 'x' }),
    );
    const error = await n8nErrorOf(idsOf(readRows(testClient(server.url), 't1', { pageSize: 2 })));
    expect(error.kind).toBe('invalid-answer');
    // The second page is asked for a few times: something on the way may have made of it what it is.
    expect(server.received).toHaveLength(5);
  });

  it('readRows ends with the error of a page that was read ahead when its turn comes', async () => {
    await using server = await startServer((_request, response, count) =>
      count === 1
        ? sendJson(response, { data: [{ id: 1 }], nextCursor: 'x' })
        : sendJson(response, { message: 'Not Found' }, 404),
    );
    const pages = readRows(testClient(server.url), 't1', { pageSize: 1 });
    await expect(pages.next()).resolves.toMatchObject({ value: [{ id: 1 }] });
    expect((await n8nErrorOf(pages.next())).kind).toBe('not-found');
  });

  it('readRows reads rows of which a page is too large a few at a time', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => index + 1);
    await using server = await serveTable(ids);
    const client = testClient(server.url, { timeouts: { maxBodyBytes: 200 } });
    const said: string[] = [];
    const logger = { ...silentLogger, info: (_fields: object, message: string) => void said.push(message) };
    await expect(idsOf(readRows(client, 't1', { pageSize: 16, logger }))).resolves.toEqual(ids);
    const limits = server.received.map((request) => queryOf(request).get('limit'));
    expect([...new Set(limits)]).toEqual(['16', '4']);
    expect(said).toHaveLength(1);
  });

  it('readRows fails where a single row is too large, and says so', async () => {
    await using server = await serveTable([1, 2, 3]);
    const client = testClient(server.url, { timeouts: { maxBodyBytes: 20 } });
    const error = await n8nErrorOf(idsOf(readRows(client, 't1')));
    expect(error.kind).toBe('answer-too-large');
    expect(error.message).toContain('although a single item was asked for');
  });
});
