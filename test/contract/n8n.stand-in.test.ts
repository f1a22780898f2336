import { describe, expect, test } from 'vitest';
import { startStandIn } from '../support/stand-in/start.ts';
import { addWorkflow } from '../support/stand-in/workflow-actions.ts';
import { describeN8n } from './n8n.suite.ts';

for (const licensed of [false, true]) {
  describeN8n(`stand-in, ${licensed ? 'licensed' : 'community'}`, licensed, async () => {
    const standIn = await startStandIn({ licensed });
    return {
      ...{ url: standIn.url, apiKey: standIn.apiKey, licensed, servesSpecification: true },
      createKey: async (scopes) => standIn.createKey(scopes),
      [Symbol.asyncDispose]: () => standIn.stop(),
    };
  });
}

describe('what only the stand-in can do', () => {
  const ask = (server: { url: string; apiKey: string }, path: string) =>
    fetch(`${server.url}/api/v1${path}`, { headers: { 'X-N8N-API-KEY': server.apiKey } });
  const names = async (server: { url: string; apiKey: string }, path: string) => {
    const { data } = (await (await ask(server, path)).json()) as { data: { name: string }[] };
    return data.map(({ name }) => name);
  };

  test('the stand-in gives the same ids and times in every run', async () => {
    const bodies = await Promise.all(
      [1, 2].map(async () => {
        await using standIn = await startStandIn();
        addWorkflow(standIn.state, { name: 'same' });
        return (await ask(standIn, '/workflows')).text();
      }),
    );
    expect(bodies[0]).toBe(bodies[1]);
  });

  test('the stand-in changes its state between two pages, and its order', async () => {
    await using standIn = await startStandIn();
    for (const name of ['b', 'a', 'c']) addWorkflow(standIn.state, { name });
    const remove = standIn.onRequest((request, state) => {
      if (request.query.get('offset') === '1') addWorkflow(state, { name: 'new' });
    });
    standIn.state.listingOrder = 'name';
    expect(await names(standIn, '/workflows?limit=1&offset=0')).toEqual(['a']);
    expect(await names(standIn, '/workflows?limit=9&offset=1')).toEqual(['b', 'c', 'new']);
    remove();
    standIn.state.listingOrder = 'insertion';
    expect(await names(standIn, '/workflows')).toEqual(['b', 'a', 'c', 'new']);
  });

  test('the stand-in fails on demand: another answer, a reset, a cut answer, a cursor that repeats', async () => {
    await using standIn = await startStandIn();
    for (const name of ['a', 'b']) addWorkflow(standIn.state, { name });
    standIn.fault({ path: '/tags', action: { status: 429, headers: { 'retry-after': '1' } } });
    expect([(await ask(standIn, '/tags')).status, (await ask(standIn, '/tags')).status]).toEqual([429, 200]);
    standIn.fault({ path: '/tags', after: 1, action: { status: 502, body: '<html>bad gateway</html>' } });
    expect([(await ask(standIn, '/tags')).status, (await ask(standIn, '/tags')).status]).toEqual([200, 502]);
    standIn.fault({ path: '/tags', action: 'reset' });
    await expect(ask(standIn, '/tags')).rejects.toThrow();
    standIn.fault({ path: '/workflows', action: { truncateAfter: 100 } });
    await expect(ask(standIn, '/workflows').then((response) => response.text())).rejects.toThrow();
    standIn.fault({ path: '/workflows', times: 2, action: 'repeat-cursor' });
    const page = async (query: string) =>
      (await (await ask(standIn, `/workflows${query}`)).json()) as { nextCursor: string };
    const { nextCursor } = await page('?limit=1');
    expect((await page(`?cursor=${nextCursor}`)).nextCursor).toBe(nextCursor);
    expect(standIn.requests.map(({ status }) => status)).toEqual([429, 200, 200, 502, 0, 0, 200, 200]);
  });

  test('the stand-in loses an answer after the work is done', async () => {
    await using standIn = await startStandIn();
    standIn.fault({ method: 'POST', path: '/tags', handled: true, action: 'reset' });
    const headers = { 'X-N8N-API-KEY': standIn.apiKey, 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'made' });
    await expect(fetch(`${standIn.url}/api/v1/tags`, { method: 'POST', headers, body })).rejects.toThrow();
    expect(await names(standIn, '/tags')).toEqual(['made']);
  });

  test('the stand-in plays an old version, and one without packages', async () => {
    await using old = await startStandIn({ version: 'old', licensed: true });
    const statuses = ['/discover', '/data-tables', '/credentials', '/workflows', '/projects'].map((path) =>
      ask(old, path),
    );
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([404, 404, 405, 200, 200]);
    await using plain = await startStandIn({ packages: false });
    const headers = { 'X-N8N-API-KEY': plain.apiKey };
    const answer = await fetch(`${plain.url}/api/v1/n8n-packages/export`, { method: 'POST', headers });
    expect(answer.status).toBe(404);
  });

  test('the stand-in serves half a million rows without holding them', async () => {
    await using standIn = await startStandIn();
    const table = standIn.addGeneratedTable({ rows: 500_000 });
    const last = await ask(
      standIn,
      `/data-tables/${table.id}/rows?limit=2&cursor=${btoa('{"limit":2,"offset":499999}')}`,
    );
    expect(await last.json()).toMatchObject({ data: [{ id: 500_000 }], nextCursor: null });
    const filter = encodeURIComponent('{"type":"and","filters":[{"columnName":"id","condition":"gt","value":499990}]}');
    const keyset = (await (await ask(standIn, `/data-tables/${table.id}/rows?filter=${filter}`)).json()) as {
      data: [];
    };
    expect(keyset.data).toHaveLength(10);
  });
});
