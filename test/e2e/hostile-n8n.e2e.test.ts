import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flowkeep } from '../support/flowkeep.ts';
import { peakMemory } from '../support/peak-memory.ts';
import { startStandIn } from '../support/stand-in/start.ts';
import { addWorkflow } from '../support/stand-in/workflow-actions.ts';

/**
 * Servers that answer as no n8n would, in order to fill flowkeep's memory, to get the key, or to keep it waiting.
 * Each is asked for a backup by the real program.
 */
interface Hostile {
  readonly what: string;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  readonly says: RegExp;
  readonly code: number;
}

const KEY = 'key-that-must-stay-here';
const MB = 2 ** 20;
/** In a container of 512 MiB, which has to hold git, too. */
const MAX_PEAK = 400 * MB;
/** What Node gives its heap in such a container. */
const HEAP = '--max-old-space-size=256';
/** A gigabyte of spaces, which is a few megabytes on its way. */
const BOMB = gzipSync(Buffer.alloc(1024 * MB, ' '), { level: 1 });

let elsewhere: string[];
let other: ReturnType<typeof createServer>;
const otherUrl = (): string => `http://localhost:${(other.address() as AddressInfo).port}`;

const json = (value: unknown) => (_request: IncomingMessage, response: ServerResponse) =>
  void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));

const nested = '['.repeat(100_000) + ']'.repeat(100_000);

const TABLE = { id: 't1', name: 'table', projectId: 'p1', columns: [] };

const HOSTILE: readonly Hostile[] = [
  {
    what: 'a redirect to another host',
    answer: (_request, response) => void response.writeHead(302, { location: `${otherUrl()}/api/v1/workflows` }).end(),
    says: /redirects to http:\/\/localhost:\d+ instead of answering/,
    code: 2,
  },
  {
    what: 'a redirect to a file',
    answer: (_request, response) => void response.writeHead(307, { location: 'file:///etc/passwd' }).end(),
    says: /redirects to .* instead of answering/,
    code: 2,
  },
  {
    what: 'a page of HTML with escape codes',
    answer: (_request, response) =>
      void response.setHeader('content-type', 'text/html').end('<html>\u001b[2J\u001b]0;owned\u0007</html>'),
    says: /answers with a web page/,
    code: 2,
  },
  {
    what: 'a Retry-After of thirty years',
    answer: (_request, response) => void response.writeHead(429, { 'retry-after': '1000000000' }).end('{}'),
    says: /refuses more requests for now/,
    code: 1,
  },
  {
    what: 'JSON a hundred thousand levels deep',
    answer: (_request, response) =>
      void response.setHeader('content-type', 'application/json').end(`{"data":${nested}}`),
    says: /nested more than 500 levels deep/,
    code: 3,
  },
  {
    what: 'its own words with the key and escape codes in them',
    answer: (_request, response) =>
      void response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(JSON.stringify({ message: `\u001b[2J\u202e${KEY} is wrong\nerror: all is well` })),
    says: /n8n does not accept the API key/,
    code: 2,
  },
  {
    what: 'wrong types everywhere',
    answer: json({ data: [{ id: {}, name: [] }], nextCursor: 5 }),
    says: /failed/,
    code: 3,
  },
  {
    what: 'a body that does not end',
    answer: (_request, response) => {
      const piece = Buffer.alloc(MB, ' ');
      const goOn = (): void => {
        while (!response.destroyed && response.write(piece));
        if (!response.destroyed) response.once('drain', goOn);
      };
      response.setHeader('content-type', 'application/json');
      goOn();
    },
    says: /failed: GET \/tags .*the answer is larger than 33 MB/,
    code: 3,
  },
  {
    what: 'a few megabytes that unpack to a gigabyte',
    answer: (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(BOMB),
    says: /failed: GET \/tags .*the answer is larger than 33 MB/,
    code: 3,
  },
  {
    what: 'eight million objects',
    answer: (_request, response) =>
      void response
        .setHeader('content-type', 'application/json')
        .end(`{"data":[{}${',{}'.repeat(8_000_000)}],"nextCursor":null}`),
    says: /failed: GET \/tags .*it holds more than 500,000 values, which is what this process has memory for/,
    code: 3,
  },
  {
    what: 'a megabyte of brackets that would be a gigabyte of spaces',
    answer: (_request, response) =>
      void response
        .setHeader('content-type', 'application/json')
        .end(`{"data":[${`${'['.repeat(490)}${']'.repeat(490)},`.repeat(1000)}0],"nextCursor":null}`),
    says: /failed: GET \/tags .*too many values in too many levels/,
    code: 3,
  },
  {
    what: 'as many objects as are taken, in every answer',
    answer: (_request, response) =>
      void response
        .setHeader('content-type', 'application/json')
        .end(`{"data":[{}${',{}'.repeat(249_900)}],"nextCursor":null}`),
    says: /failed/,
    code: 3,
  },
  {
    what: 'texts as large as are taken, in every answer',
    answer: (_request, response) =>
      void response
        .setHeader('content-type', 'application/json')
        .end(`{"data":["${'x'.repeat(33 * MB - 100)}"],"nextCursor":null}`),
    says: /failed/,
    code: 3,
  },
  {
    what: 'rows of a hundred kilobytes for ever',
    answer: (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', otherUrl());
      if (pathname.endsWith('/data-tables')) return json({ data: [TABLE], nextCursor: null })(request, response);
      const after = Number(/"value":(\d+)/.exec(searchParams.get('filter') ?? '')?.[1] ?? 0);
      const rows = Array.from({ length: pathname.endsWith('/rows') ? 250 : 0 }, (_, index) => ({
        id: after + index + 1,
        text: 'x'.repeat(100_000),
      }));
      json({ data: rows, nextCursor: null })(request, response);
    },
    says: /data tables +- +failed: the rows for rows\/0\.ndjson are larger than 50 MB/,
    code: 3,
  },
  {
    what: 'new items for ever',
    answer: (request, response) => {
      const first = Number(new URL(request.url ?? '', otherUrl()).searchParams.get('cursor') ?? 0);
      const data = Array.from({ length: 10_000 }, (_, index) => ({ id: String(first + index), name: 'x' }));
      json({ data, nextCursor: String(first + data.length) })(request, response);
    },
    says: /the listing of \/tags does not end: it returned more than 300000 items/,
    code: 3,
  },
  {
    what: 'the same cursor again',
    answer: json({ data: [{ id: '1', name: 'x' }], nextCursor: 'again' }),
    says: /the listing of \/tags does not end: n8n returns the same pages again/,
    code: 3,
  },
  { what: 'a list of null', answer: json({ data: [null], nextCursor: null }), says: /failed/, code: 3 },
  { what: 'a number in place of a list', answer: json({ data: 5 }), says: /failed/, code: 3 },
];

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-hostile-'));
  elsewhere = [];
  other = createServer((request, response) => {
    elsewhere.push(JSON.stringify(request.headers));
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  other.closeAllConnections();
  other.close();
  await once(other, 'close');
});

describe('an n8n that answers with', () => {
  it.each(HOSTILE)('$what', async ({ answer, says, code }) => {
    const server = createServer((request, response) => {
      response.on('error', () => undefined);
      // Past the first questions, so that the lists are reached.
      if (request.url?.endsWith('/discover')) return void response.writeHead(404).end('{"message":"not found"}');
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    let peak: Promise<number> | undefined;
    const run = await flowkeep(['backup'], {
      cwd: folder,
      env: { N8N_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, N8N_API_KEY: KEY },
      nodeArgs: [HEAP],
      onStart: (child) => {
        peak = peakMemory(child);
      },
    });
    server.closeAllConnections();
    server.close();
    const said = run.stdout + run.stderr;
    expect([run.code, run.signal], said).toEqual([code, null]);
    expect(said).toMatch(says);
    expect(said).not.toContain(KEY);
    expect(/[\u0000-\u0009\u000b-\u001f\u202e]/.test(said)).toBe(false);
    expect(elsewhere).toEqual([]);
    expect(await peak).toBeLessThan(MAX_PEAK);
    // Nothing was written beside the store; `.cache` is Node's own.
    expect(readdirSync(folder).filter((name) => name !== 'n8n-backup' && name !== '.cache')).toEqual([]);
  });
});

describe('an honest n8n', () => {
  it('an honest n8n whose page of 250 workflows is too large is backed up whole, in smaller ones', async () => {
    await using n8n = await startStandIn();
    for (let index = 0; index < 12; index++) {
      const rows = Array.from({ length: 400 }, (_, row) => ({
        json: { row, text: `${index}`.repeat(10_000) },
      }));
      addWorkflow(n8n.state, { name: `Flow ${index}`, pinData: { Start: rows } });
    }
    let peak: Promise<number> | undefined;
    const run = await flowkeep(['backup', '--json'], {
      cwd: folder,
      env: { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey },
      nodeArgs: [HEAP],
      onStart: (child) => {
        peak = peakMemory(child);
      },
    });
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/a page of 250 is too much, so 62 items at a time: GET \/workflows/);
    const git = ['-C', join(folder, 'n8n-backup'), 'ls-tree', '-r', '--name-only', 'HEAD'];
    const files = execFileSync('git', git, { encoding: 'utf8' }).split('\n');
    const workflow = /\/workflows\/flow-(\d+)\.[^/]*\.json$/;
    const names = files.flatMap((path) => workflow.exec(path)?.[1] ?? []);
    expect([...new Set(names)].sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 12 }, (_, index) => String(index)),
    );
    expect(await peak).toBeLessThan(MAX_PEAK);
  });
});
