import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/lib/json/json.ts';
import { fields, minimalWorkflow, text, unique, type Api } from './api.ts';

/** What holds for every request: keys, scopes, licence, limits, cursors, forms of errors. */
export function testRequests(api: () => Api): void {
  test('n8n refuses a bad key with 401', async () => {
    const { status, json } = await api().withKey('wrong').get('/workflows');
    expect([status, json]).toEqual([401, { message: 'Unauthorized' }]);
  });

  test('n8n tells an unknown endpoint and an unknown method apart from a missing item', async () => {
    expect(await api().get('/nosuch')).toMatchObject({ status: 404, json: { message: 'not found' } });
    expect(await api().patch('/workflows', {})).toMatchObject({
      status: 405,
      json: { message: 'PATCH method not allowed' },
    });
    expect(await api().get('/workflows/nosuch')).toMatchObject({
      status: 404,
      json: { message: 'Not Found' },
    });
  });

  test('a missing scope is 403 Forbidden, before the licence is asked', async () => {
    const narrow = api().withKey(await api().target.createKey(['workflow:list']));
    expect((await narrow.get('/workflows')).status).toBe(200);
    for (const path of ['/workflows/x', '/credentials', '/variables', '/projects', '/data-tables', '/users']) {
      expect(await narrow.get(path)).toMatchObject({ status: 403, json: { message: 'Forbidden' } });
    }
    const refused = await narrow.post('/n8n-packages/export', { workflowIds: ['x'] });
    expect(refused).toMatchObject({ status: 403, json: { message: 'Forbidden' } });
    expect((await narrow.get('/credentials/schema/githubApi')).status).toBe(200);
  });

  test('/discover lists the scopes of the key, and only endpoints that it may use', async () => {
    const narrow = api().withKey(await api().target.createKey(['workflow:list', 'tag:list']));
    const { data } = (await narrow.get('/discover')).json as { data: JsonObject };
    expect(fields(data)).toEqual(['filters', 'resources', 'scopes', 'specUrl']);
    expect([...(data['scopes'] as string[])].sort()).toEqual(['tag:list', 'workflow:list']);
    const resources = JSON.stringify(data['resources']);
    expect(resources).toContain('"path":"/api/v1/workflows"');
    expect(resources).not.toContain('/api/v1/variables');
    const whole = (await api().get('/discover')).json as { data: { scopes: string[] } };
    expect(whole.data.scopes).toEqual(expect.arrayContaining(['workflow:list', 'variable:list', 'project:list']));
    expect(JSON.stringify(whole)).toContain('/api/v1/n8n-packages/import');
  });

  test('licensed features are there, or refused with the name of the feature', async () => {
    for (const [path, feature] of [
      ['/variables', 'feat:variables'],
      ['/projects', 'feat:projectRole:admin'],
      ['/projects/x/folders', 'feat:folders'],
    ] as const) {
      const { status, json } = await api().get(path);
      if (api().target.licensed) expect(status).not.toBe(403);
      else expect([status, json['message']]).toEqual([403, expect.stringContaining(`does not allow for ${feature}.`)]);
    }
  });

  test("n8n's own pull answers 400 without a repository, or 403 without licence", async () => {
    const { status, json } = await api().post('/source-control/pull', { force: false });
    if (api().target.licensed) {
      expect([status, json]).toEqual([
        400,
        { status: 'Error', message: 'Source Control is not connected to a repository' },
      ]);
    } else {
      expect([status, json['message']]).toEqual([403, expect.stringContaining('feat:sourceControl')]);
    }
  });

  test('the editor page tells the version', async () => {
    const page = await (await fetch(`${api().target.url}/`)).text();
    const config = /n8n:config:sentry" content="([^"]+)"/.exec(page)?.[1] ?? '';
    expect(JSON.parse(Buffer.from(config, 'base64').toString())).toMatchObject({ release: 'n8n@2.41.1' });
  });

  test('n8n serves its specification, unless it is installed below a hidden folder', async () => {
    const answer = await api().get('/openapi.yml');
    const { status } = answer;
    if (api().target.servesSpecification) expect([status, answer.text.slice(0, 8)]).toEqual([200, 'openapi:']);
    else expect(status).toBe(500);
  });

  test('a body over 16 MB is 413 and HTML', async () => {
    const body = { ...minimalWorkflow(), pad: 'x'.repeat(17 * 1024 * 1024) };
    const { status, headers, text: page } = await api().post('/workflows', body);
    expect([status, headers.get('content-type')]).toEqual([413, 'text/html; charset=utf-8']);
    expect(page).toContain('PayloadTooLargeError');
  });

  test('a broken body is 500 and HTML, one that is missing 415', async () => {
    const broken = await api().post('/workflows', '{"a":');
    expect([broken.status, broken.headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8']);
    expect(await api().post('/workflows')).toMatchObject({
      status: 415,
      json: { message: 'unsupported media type undefined' },
    });
  });

  test('n8n compresses answers and sends a weak ETag', async () => {
    await api().makeWorkflow();
    await api().makeWorkflow();
    const { headers } = await api().get('/workflows');
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(headers.get('etag')).toMatch(/^W\/"[0-9a-f]+-.{27}"$/);
  });

  test('pages with a cursor of limit and offset, 250 at most', async () => {
    const names = Array.from({ length: 260 }, () => unique('t'));
    await inParallel(names, async (name) => void (await api().post('/tags', { name })));
    const first = (await api().get('/tags?limit=100')).json;
    expect(Buffer.from(text(first['nextCursor']), 'base64').toString()).toBe('{"limit":100,"offset":100}');
    const capped = (await api().get('/tags?limit=1000')).json as { data: unknown[]; nextCursor: string };
    expect(capped.data.length).toBe(250);
    expect(Buffer.from(capped.nextCursor, 'base64').toString()).toBe('{"limit":250,"offset":250}');
    const all = await api().all('/tags');
    expect(new Set(all.map(({ name }) => name))).toEqual(new Set([...all.map(({ name }) => name), ...names]));
    expect((await api().get('/tags?limit=250&offset=0')).json).toMatchObject({
      nextCursor: expect.any(String) as string,
    });
  });

  test('n8n refuses bad limits and cursors', async () => {
    const message = (path: string) =>
      api()
        .get(path)
        .then(({ status, json }) => [status, json['message']]);
    expect(await message('/tags?limit=-1')).toEqual([
      400,
      'request/query/limit Param `limit` must be a non-negative integer',
    ]);
    expect(await message('/workflows?limit=abc')).toEqual([
      400,
      'request/query/limit Param `limit` must be a valid integer',
    ]);
    expect(await message('/data-tables?limit=251')).toEqual([400, 'request/query/limit must be <= 250']);
    expect(await message('/users?limit=251')).toEqual([400, 'request/query/limit must be <= 250']);
    for (const path of ['/workflows', '/tags', '/credentials', '/data-tables', '/users']) {
      expect(await message(`${path}?cursor=abc`)).toEqual([400, 'An invalid cursor was provided']);
    }
  });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
    }),
  );
}
