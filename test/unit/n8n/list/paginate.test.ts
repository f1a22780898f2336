import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json/json.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { listAll, type ListOptions } from '../../../../src/n8n/list/paginate.ts';
import { ChangingList, idOf, serveList, type Change } from '../support/changing-list.ts';
import { n8nErrorOf, testClient } from '../support/client.ts';
import { sendJson, startServer, type TestServer } from '../support/server.ts';
import { listFolders } from '../../../../src/n8n/list/folder-list.ts';

describe('listAll of a quiet list', () => {
  it.each([
    [0, 1],
    [3, 1],
    [250, 2],
    [251, 4],
    [1000, 10],
  ])('listAll of a quiet list of %i items takes %i requests when it must agree', async (size, requests) => {
    const list = new ChangingList(size);
    await using server = await serveList(list);
    await expect(listAll(testClient(server.url), '/tags')).resolves.toEqual(list.lasting);
    expect(server.received).toHaveLength(requests);
  });

  it('listAll of a quiet list is read once where evidence decides', async () => {
    const list = new ChangingList(1005);
    await using server = await serveList(list);
    const ids = await listAll(testClient(server.url), '/workflows', { confirm: 'evidence' });
    expect(ids).toEqual(list.lasting);
    expect(server.received).toHaveLength(5);
  });

  it('listAll of a quiet list hands over every page, and passes the query on', async () => {
    await using server = await startServer((_request, response) =>
      sendJson(response, { data: [{ name: 'a' }, { name: 'b' }], nextCursor: null }),
    );
    const pages: (readonly JsonObject[])[] = [];
    const ids = await listAll(testClient(server.url), '/community-packages', {
      query: { excludePinnedData: false },
      idOf: (item) => idOf(item['name']),
      onPage: (items) => void pages.push([...items]),
    });
    expect(ids).toEqual(['a', 'b']);
    expect(pages).toEqual([[{ name: 'a' }, { name: 'b' }]]);
    expect(server.received[0]?.target).toBe('/api/v1/community-packages?excludePinnedData=false&limit=250');
  });
});

describe('listAll of a changing list', () => {
  const options: ListOptions = { pageSize: 4, confirm: 'evidence' };

  it('listAll of a changing list misses nothing when items before the reading are deleted', async () => {
    const list = new ChangingList(12);
    await using server = await serveList(list, [[0, 0, 0].map((at) => ({ kind: 'delete', at }))]);
    const ids = await listAll(testClient(server.url), '/workflows', options);
    expect(ids).toEqual(list.lasting);
  });

  it('listAll of a changing list repeats nothing when items are created before the reading', async () => {
    const list = new ChangingList(12);
    await using server = await serveList(list, [[0, 1].map((at) => ({ kind: 'create', at }))]);
    const ids = await listAll(testClient(server.url), '/workflows', options);
    expect(ids.filter((id) => id.startsWith('old-'))).toEqual(list.lasting);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('listAll of a changing list finds an item that moves behind the reading while another is deleted there', async () => {
    const list = new ChangingList(12);
    const changes: Change[] = [
      { kind: 'move', from: 11, to: 0 },
      { kind: 'delete', at: 1 },
    ];
    await using server = await serveList(list, [changes]);
    const ids = await listAll(testClient(server.url), '/tags', { pageSize: 4 });
    expect([...ids].sort()).toEqual([...list.lasting].sort());
  });

  it('listAll of a changing list asks about what the last pass did not see', async () => {
    const list = new ChangingList(12);
    const schedule = Array.from({ length: 30 }, (): Change[] => [
      { kind: 'delete', at: 0 },
      { kind: 'create', at: 99 },
    ]);
    await using server = await serveList(list, schedule);
    const asked: string[] = [];
    const ids = await listAll(testClient(server.url), '/workflows', {
      ...options,
      exists: (id) => {
        asked.push(id);
        return Promise.resolve(!list.deleted.has(id));
      },
    });
    expect(asked.length).toBeGreaterThan(0);
    expect(ids).toEqual(expect.arrayContaining([...list.lasting]));
    expect(ids.filter((id) => asked.includes(id) && list.deleted.has(id))).toEqual([]);
  });

  it('listAll of a changing list gives up on a list that shows older items in every pass', async () => {
    let shown = 0;
    await using server = await startServer((_request, response) => {
      const data = Array.from({ length: 4 }, () => ({ id: `id-${shown++}` }));
      sendJson(response, { data, nextCursor: null });
    });
    const error = await n8nErrorOf(listAll(testClient(server.url), '/workflows', options));
    expect(error).toMatchObject({ kind: 'invalid-answer' });
    expect(error.message).toContain('kept changing');
  });

  const position = fc.nat({ max: 60 });
  const shift: fc.Arbitrary<Change> = fc.oneof(
    fc.record({ kind: fc.constant('create' as const), at: position }),
    fc.record({ kind: fc.constant('delete' as const), at: position }),
    fc.record({ kind: fc.constant('rename' as const), at: position }),
  );
  const move: fc.Arbitrary<Change> = fc.record({
    kind: fc.constant('move' as const),
    from: position,
    to: position,
  });

  async function check(size: number, schedule: readonly (readonly Change[])[], confirm: 'always' | 'evidence') {
    const list = new ChangingList(size);
    await using server = await serveList(list, schedule);
    const ids = await listAll(testClient(server.url), '/things', { pageSize: 4, confirm });
    expect(new Set(ids).size).toBe(ids.length);
    expect(list.lasting.filter((id) => !ids.includes(id))).toEqual([]);
  }

  it.each(['always', 'evidence'] as const)(
    'listAll of a changing list lists every lasting item once, whatever is created, deleted and renamed (%s)',
    async (confirm) => {
      const schedules = fc.array(fc.array(shift, { maxLength: 4 }), { maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(fc.nat({ max: 30 }), schedules, (size, schedule) => check(size, schedule, confirm)),
        { numRuns: 100 },
      );
    },
    60_000,
  );

  it('listAll of a changing list lists every lasting item once where edits also move items, for a while', async () => {
    const schedules = fc.array(fc.array(fc.oneof(shift, move), { maxLength: 2 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 30 }), schedules, (size, schedule) => check(size, schedule, 'always')),
      { numRuns: 100 },
    );
  }, 60_000);
});

describe('listAll of an odd list', () => {
  it('listAll of an odd list ends where a cursor repeats for ever', async () => {
    const data = [{ id: 'a' }, { id: 'b' }];
    const cursor = Buffer.from('{"limit":2,"offset":2}').toString('base64');
    await using server = await startServer((_request, response) => sendJson(response, { data, nextCursor: cursor }));
    const error = await n8nErrorOf(listAll(testClient(server.url), '/workflows', { pageSize: 2 }));
    expect(error.kind).toBe('invalid-answer');
    expect(error.message).toContain('does not end');
    expect(server.received.length).toBeLessThan(100);
  });

  it('listAll of an odd list ends where the cursor is new each time and the page is not', async () => {
    await using server = await startServer((_request, response, count) =>
      sendJson(response, { data: [{ id: 'a' }], nextCursor: `opaque-${count}` }),
    );
    const error = await n8nErrorOf(listAll(testClient(server.url), '/workflows'));
    expect(error.message).toContain('does not end');
  });

  it('listAll of an odd list follows cursors that it cannot read, and lets two passes agree', async () => {
    const pages = [['a', 'b'], ['c', 'd'], ['e']];
    await using server = await startServer((request, response) => {
      const number = Number(new URL(request.target, 'http://n8n').searchParams.get('cursor')?.slice(5) ?? 0);
      const data = (pages[number] ?? []).map((id) => ({ id }));
      sendJson(response, { data, nextCursor: number < 2 ? `next-${number + 1}` : null });
    });
    const ids = await listAll(testClient(server.url), '/workflows', { pageSize: 2, confirm: 'evidence' });
    expect(ids).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(server.received).toHaveLength(7);
  });

  it('listAll of an odd list whose pages have holes is followed by its cursors', async () => {
    const list = new ChangingList(20);
    const visible = (id: unknown): boolean => !/[37]$/.test(String(id));
    await using server = await serveList(list, [], (query) => {
      const page = list.page(query);
      return { ...page, data: (page['data'] as JsonObject[]).filter(({ id }) => visible(id)) };
    });
    const ids = await listAll(testClient(server.url), '/workflows', { pageSize: 5 });
    expect(ids).toEqual(list.lasting.filter(visible));
  });

  it.each([[{ data: 'none' }], [{ items: [] }], ['text'], [null], [{ data: [1] }], [{ data: [{}], nextCursor: null }]])(
    'listAll of an odd list that is %j is an invalid answer',
    async (body) => {
      await using server = await startServer((_request, response) => sendJson(response, body));
      expect((await n8nErrorOf(listAll(testClient(server.url), '/tags'))).kind).toBe('invalid-answer');
    },
  );
});

describe('listAll of a list whose pages are too large', () => {
  const maxBodyBytes = 2000;
  /** Every item of the list is this large. */
  const serveHeavy = (list: ChangingList, bytes: number, schedule: Change[][] = []): Promise<TestServer> =>
    serveList(list, schedule, (query) => {
      const page = list.page(query);
      const data = (page['data'] as JsonObject[]).map((item) => ({ ...item, text: 'x'.repeat(bytes) }));
      return { ...page, data };
    });
  const sizesAsked = ({ received }: TestServer): string[] => [
    ...new Set(received.map(({ target }) => new URL(target, 'http://n8n').searchParams.get('limit') ?? 'none')),
  ];

  it.each([
    [10, ['250', '62']],
    [20, ['250', '62', '15']],
    [500, ['250', '62', '15', '3']],
    [1800, ['250', '62', '15', '3', '1']],
  ])(
    'listAll of a list whose pages are too large reads it in smaller ones: items of %i bytes',
    async (bytes, sizes) => {
      const list = new ChangingList(260);
      await using server = await serveHeavy(list, bytes);
      const client = testClient(server.url, {
        timeouts: { maxBodyBytes: bytes === 10 ? 10_000 : maxBodyBytes },
      });
      const said: string[] = [];
      const logger = { ...silentLogger, info: (_fields: object, message: string) => void said.push(message) };
      const ids = await listAll(client, '/workflows', { confirm: 'evidence', logger });
      expect(ids).toEqual(list.lasting);
      expect(sizesAsked(server)).toEqual(sizes);
      expect(said).toHaveLength(sizes.length - 1);
      expect(said[0]).toMatch(/^a page of 250 is too much, so 62 items at a time: GET \/workflows: the answer is/);
    },
  );

  it('listAll of a list whose pages are too large fails where a single item is too large, and says so', async () => {
    await using server = await serveHeavy(new ChangingList(5), 3000);
    const client = testClient(server.url, { timeouts: { maxBodyBytes } });
    const error = await n8nErrorOf(listAll(client, '/workflows'));
    expect(error).toMatchObject({ kind: 'answer-too-large', request: 'GET /workflows' });
    expect(error.message).toMatch(/the answer is larger than .*, although a single item was asked for$/);
    expect(error.remedy).toContain('pinned or static data');
    expect(sizesAsked(server)).toEqual(['250', '62', '15', '3', '1']);
  });

  it.each([
    ['of three', 500],
    ['of one', 1800],
  ])(
    'listAll of a list whose pages are too large misses nothing that is there from first to last, although others go, in pages %s',
    async (_, bytes) => {
      const list = new ChangingList(20);
      const schedule = Array.from({ length: 25 }, (_change, index): Change[] =>
        index % 4 === 0 ? [{ kind: 'delete', at: 0 }] : [],
      );
      await using server = await serveHeavy(list, bytes, schedule);
      const client = testClient(server.url, { timeouts: { maxBodyBytes } });
      const ids = await listAll(client, '/workflows', {
        confirm: 'evidence',
        exists: (id) => Promise.resolve(!list.deleted.has(id)),
      });
      expect(list.deleted.size).toBeGreaterThan(2);
      expect(new Set(ids).size).toBe(ids.length);
      expect(list.lasting.filter((id) => !ids.includes(id))).toEqual([]);
    },
  );

  it('listAll of a list whose pages are too large does not take another failure for one', async () => {
    const nested = `${'['.repeat(600)}${']'.repeat(600)}`;
    await using server = await startServer((_request, response) => response.end(`{"data":${nested}}`));
    const error = await n8nErrorOf(listAll(testClient(server.url), '/workflows'));
    expect(error.kind).toBe('invalid-answer');
    expect(server.received).toHaveLength(1);
  });
});

describe('listFolders', () => {
  it('listFolders gives every folder once, although others come and go', async () => {
    const list = new ChangingList(600);
    const schedule: Change[][] = [
      [{ kind: 'delete', at: 5 }],
      [
        { kind: 'create', at: 600 },
        { kind: 'delete', at: 300 },
      ],
    ];
    await using server = await serveList(list, schedule, (query) => list.skipTake(query));
    const folders = await listFolders(testClient(server.url), 'a/b', () => undefined);
    const ids = folders.map(({ id }) => idOf(id));
    expect(ids.filter((id) => id.startsWith('old-'))).toEqual(list.lasting);
    expect(server.received[0]?.target).toBe('/api/v1/projects/a%2Fb/folders?skip=0&take=250&sortBy=createdAt%3Aasc');
  });
});
