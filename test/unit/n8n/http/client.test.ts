import { connect } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { canonicalJsonLine } from '../../../../src/lib/json/json.ts';
import type { Logger } from '../../../../src/lib/logger.ts';
import { Secret } from '../../../../src/lib/secrets/secret.ts';
import { isN8nError, N8nError } from '../../../../src/n8n/http/errors.ts';
import { n8nErrorOf, TEST_KEY, testClient } from '../support/client.ts';
import { TestClock } from '../support/clock.ts';
import { sendHtml, sendJson, startServer, type Handler, type TestServer } from '../support/server.ts';

const servers: TestServer[] = [];

async function serve(handler: Handler): Promise<TestServer> {
  const server = await startServer(handler);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

describe('a request', () => {
  it('a request carries the key, the query and the body, and gives the parsed answer', async () => {
    const server = await serve((_request, response) => sendJson(response, { id: 'a' }));
    const client = testClient(`${server.url}/api/v1/`, { userAgent: 'flowkeep/1' });
    await expect(client.post('/tags', { name: 'ü' }, { query: { a: 1 } })).resolves.toEqual({ id: 'a' });
    const [request] = server.received;
    expect(request).toMatchObject({ method: 'POST', target: '/api/v1/tags?a=1' });
    expect(request?.headers).toMatchObject({ 'x-n8n-api-key': TEST_KEY, 'user-agent': 'flowkeep/1' });
    expect(request?.body.toString()).toBe('{"name":"ü"}');
    expect(client.stats).toMatchObject({ requests: 1, retries: 0, bytesReceived: 10, bytesSent: 13 });
  });

  it('a request keeps numbers that a double cannot hold, and takes an empty body as null', async () => {
    const server = await serve((request, response) =>
      request.method === 'GET' ? response.end('{"n":12345678901234567890}') : response.writeHead(201).end(),
    );
    const client = testClient(server.url);
    expect(canonicalJsonLine(await client.get('/big'))).toBe('{"n":12345678901234567890}');
    await expect(client.post('/variables', {})).resolves.toBeNull();
  });

  it('a request reads compressed answers', async () => {
    const server = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}')),
    );
    await expect(testClient(server.url).get('/tags')).resolves.toEqual({ a: 1 });
  });

  it('a request uploads a form, and gives bytes and text back as they are', async () => {
    const server = await serve((request, response) =>
      request.target.endsWith('/import') ? sendJson(response, { done: true }) : response.end(Buffer.from([1, 2, 255])),
    );
    const client = testClient(server.url);
    const file = { field: 'package', fileName: 'p.n8np', content: new Uint8Array([31, 139, 0]) };
    await expect(client.upload('/import', { fields: { policy: 'source' }, file })).resolves.toEqual({
      done: true,
    });
    const [request] = server.received;
    expect(request?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(request?.body.toString('latin1')).toContain('name="policy"\r\n\r\nsource\r\n');
    expect(request?.body.includes(Buffer.from([31, 139, 0]))).toBe(true);
    await expect(client.exportBytes('/export', {})).resolves.toEqual(Buffer.from([1, 2, 255]));
  });
});

describe('a refusal of n8n', () => {
  it.each([
    [401, { message: 'Unauthorized' }, 'unauthorized'],
    [403, { message: 'Your license does not allow for feat:variables.' }, 'licence'],
    [403, { message: 'Forbidden' }, 'scope'],
    [404, { message: 'Not Found' }, 'not-found'],
    [404, { message: 'Project with ID "x" not found' }, 'not-found'],
    [404, { message: 'not found' }, 'too-old'],
    [405, { message: 'GET method not allowed' }, 'too-old'],
    [400, { message: 'request/body/name Expected string' }, 'refused'],
    [409, { message: 'Tag already exists' }, 'conflict'],
  ])('%i %j is %s, known after one request', async (status, body, kind) => {
    const server = await serve((_request, response) => sendJson(response, body, status));
    const error = await n8nErrorOf(testClient(server.url).get('/things'));
    expect(error).toMatchObject({ kind, status, reason: body.message, request: 'GET /things' });
    expect(server.received).toHaveLength(1);
  });

  it('a refusal of n8n comes with the list of issues', async () => {
    const body = { message: 'Import blocked', issues: [{ type: 'missing-node-type', name: 'x.y' }] };
    const server = await serve((_request, response) => sendJson(response, body, 422));
    const error = await n8nErrorOf(testClient(server.url).post('/n8n-packages/import', {}));
    expect(error.kind).toBe('refused');
    expect(error.reason).toContain('missing-node-type');
  });

  it.each([
    [413, '<html>too large</html>', 'too-large', /N8N_PAYLOAD_SIZE_MAX/],
    [200, '<!DOCTYPE html><html>n8n editor</html>', 'wrong-url', /Check the URL/],
    [403, '<html>Access denied</html>', 'wrong-url', /proxy, a firewall/],
    [400, '<html>The plain HTTP request was sent to HTTPS port</html>', 'wrong-url', /https:\/\//],
  ])('%i with a web page is distinguished', async (status, html, kind, remedy) => {
    const server = await serve((_request, response) => sendHtml(response, html, status));
    const error = await n8nErrorOf(testClient(server.url).get('/workflows'));
    expect(error).toMatchObject({ kind, status });
    expect(error.remedy).toMatch(remedy);
  });
});

describe('a redirect', () => {
  it('a redirect is not followed, and the other host never sees the key', async () => {
    const other = await serve((_request, response) => sendJson(response, {}));
    const server = await serve((_request, response) =>
      response.writeHead(302, { location: `${other.url}/api/v1/tags` }).end(),
    );
    const error = await n8nErrorOf(testClient(server.url).get('/tags'));
    expect(error.kind).toBe('wrong-url');
    expect(error.message).toContain(other.url);
    expect(other.received).toHaveLength(0);
  });

  it('a redirect to https names that as the remedy', async () => {
    const server = await serve((_request, response) =>
      response.writeHead(301, { location: 'https://127.0.0.1/api/v1/tags' }).end(),
    );
    const error = await n8nErrorOf(testClient(server.url).get('/tags'));
    expect(error.remedy).toContain('Write https:// in the URL: https://127.0.0.1');
  });
});

describe('a rate limit', () => {
  it('pauses every request of the instance for as long as the server asks', async () => {
    const clock = new TestClock();
    const times: number[] = [];
    const server = await serve((_request, response, count) => {
      times.push(clock.now());
      if (count === 1) sendJson(response, { message: 'Too many' }, 429, { 'retry-after': '42' });
      else sendJson(response, {});
    });
    const client = testClient(server.url, {
      clock,
      rateLimit: { concurrency: 1, requestsPerSecond: 10_000 },
    });
    const began = clock.now();
    await Promise.all([client.get('/a'), client.get('/b'), client.post('/c', {})]);
    expect(times.map((time) => time - began)).toEqual([0, 42_000, 42_000, 42_000]);
    expect(client.stats).toMatchObject({ requests: 4, retries: 1, pausedMs: 42_000 });
  });

  it('a rate limit takes a date, and backs off by itself without one', async () => {
    const clock = new TestClock();
    const date = new Date(clock.now() + 20_000).toUTCString();
    const server = await serve((_request, response, count) =>
      count > 2 ? sendJson(response, {}) : sendJson(response, {}, 429, count === 1 ? { 'retry-after': date } : {}),
    );
    const client = testClient(server.url, { clock });
    await client.get('/tags');
    expect(client.stats.pausedMs).toBe(20_000 + 250);
  });

  it('a rate limit that outlasts the deadline, or asks for more, is an error', async () => {
    const server = await serve((request, response) =>
      sendJson(response, {}, 429, request.target.endsWith('long') ? { 'retry-after': '3600' } : {}),
    );
    const clock = new TestClock();
    const began = clock.now();
    expect((await n8nErrorOf(testClient(server.url, { clock }).get('/long'))).kind).toBe('rate-limited');
    expect(clock.now()).toBe(began);
    const error = await n8nErrorOf(testClient(server.url, { clock }).get('/tags'));
    expect(error.kind).toBe('rate-limited');
    expect(clock.now() - began).toBe(300_000);
  });
});

describe('a fault on the way', () => {
  const faults: Record<string, Handler> = {
    'a reset connection': (_request, response) => response.destroy(),
    'a truncated body': (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"a":');
      setImmediate(() => response.destroy());
    },
    'truncated gzip': (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":"bcdefgh"}').subarray(0, 15)),
    'broken JSON': (_request, response) => response.end('{"data":['),
    'an empty body': (_request, response) => response.end(),
    'a 500': (_request, response) => sendJson(response, { message: 'Internal server error' }, 500),
    'a 502 page': (_request, response) => sendHtml(response, '<html>Bad gateway</html>', 502),
    'a 503': (_request, response) => sendJson(response, { message: 'Database is not ready!' }, 503),
    'a stalled answer': (_request, response) => response.writeHead(200).write('{'),
    'no answer': () => undefined,
    'a migrating n8n': (_request, response) => sendHtml(response, 'n8n is starting up. Please wait', 200),
    'a starting n8n': (_request, response) => sendHtml(response, '<pre>Cannot GET /api/v1/tags</pre>', 404),
  };
  const timeouts = { headersMs: 50, bodyIdleMs: 50 };

  it.each(Object.entries(faults))('%s is got over by a read', async (_name, fault) => {
    const server = await serve((request, response, count) =>
      count <= 2 ? fault(request, response, count) : sendJson(response, { ok: true }),
    );
    const client = testClient(server.url, { timeouts });
    await expect(client.get('/tags')).resolves.toEqual({ ok: true });
    expect(client.stats.retries).toBe(2);
  });

  it('a fault on the way is retried by a request that waited long for its turn', async () => {
    const clock = new TestClock();
    const server = await serve((request, response, count) => {
      if (request.target.endsWith('/slow')) clock.advance(100_000);
      if (count === 2) response.destroy();
      else sendJson(response, {});
    });
    const client = testClient(server.url, {
      clock,
      rateLimit: { concurrency: 1, requestsPerSecond: 10_000 },
    });
    await Promise.all([client.get('/slow'), client.get('/tags')]);
    expect(client.stats).toMatchObject({ requests: 3, retries: 1 });
  });

  it.each([
    ['a reset connection', 'unreachable'],
    ['a truncated body', 'unreachable'],
    ['broken JSON', 'invalid-answer'],
    ['a 500', 'server'],
    ['a 502 page', 'unavailable'],
    ['no answer', 'unreachable'],
    ['a migrating n8n', 'unavailable'],
  ])('%s that stays is an error of kind %s', async (name, kind) => {
    const server = await serve(faults[name] as Handler);
    const error = await n8nErrorOf(
      testClient(server.url, { timeouts: { ...timeouts, deadlineMs: 2000 } }).get('/tags'),
    );
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(/after \d+ attempts in \d+ s/);
    expect(error.remedy).toBeTruthy();
  });

  it.each(['a reset connection', 'a truncated body', 'a 500', 'a 502 page', 'no answer'])(
    '%s never makes a POST be sent twice',
    async (name) => {
      const server = await serve(faults[name] as Handler);
      const error = await n8nErrorOf(testClient(server.url, { timeouts }).post('/workflows', {}));
      expect(error.maybeDone).toBe(true);
      expect(error.message).toContain('it is unknown whether it was done');
      expect(server.received).toHaveLength(1);
    },
  );

  it('a fault on the way is got over by writes that may be repeated', async () => {
    const server = await serve((_request, response, count) =>
      count % 2 === 1 ? response.destroy() : sendJson(response, { count }),
    );
    const client = testClient(server.url);
    await expect(client.put('/tags/1', {})).resolves.toEqual({ count: 2 });
    await expect(client.delete('/tags/1')).resolves.toEqual({ count: 4 });
    await expect(client.post('/tags', {}, { idempotent: true })).resolves.toEqual({ count: 6 });
  });

  it.each<[string, Handler]>([
    ['a page in its place', (_request, response) => sendHtml(response, '<html>Sign in</html>', 200)],
    ['an answer that is none of its own', (_request, response) => sendJson(response, { data: [null] })],
  ])('a fault on the way is got over where n8n has answered before: %s', async (_name, fault) => {
    const server = await serve((request, response, count) =>
      count === 2 ? fault(request, response, count) : sendJson(response, { data: [] }),
    );
    const client = testClient(server.url);
    const check = (value: unknown): void => {
      if (JSON.stringify(value).includes('null')) throw new N8nError('invalid-answer', 'a null');
    };
    await client.get('/tags');
    await expect(client.get('/tags', { check })).resolves.toEqual({ data: [] });
    expect(server.received).toHaveLength(3);
  });

  it('a fault on the way is reported where an answer stays what it cannot be', async () => {
    const server = await serve((_request, response) => sendJson(response, {}));
    const check = (): never => {
      throw new N8nError('invalid-answer', 'it is no list');
    };
    const error = await n8nErrorOf(testClient(server.url).get('/tags', { check }));
    expect(error.message).toMatch(/^it is no list, after 4 attempts/);
  });

  it('a fault on the way makes no error of a delete that was done, although its answer was lost', async () => {
    const server = await serve((_request, response, count) =>
      count === 1 ? response.destroy() : sendJson(response, { message: 'Not Found' }, 404),
    );
    const client = testClient(server.url);
    await expect(client.delete('/tags/1')).resolves.toBeNull();
    expect((await n8nErrorOf(client.delete('/tags/1'))).kind).toBe('not-found');
  });

  it('a fault on the way that is an answer without end is stopped at the limit', async () => {
    const server = await serve((_request, response) => response.end(Buffer.alloc(200_000, ' ')));
    const error = await n8nErrorOf(testClient(server.url, { timeouts: { maxBodyBytes: 100_000 } }).get('/tags'));
    expect(error.kind).toBe('answer-too-large');
    expect(error.message).toContain('larger than');
  });
});

describe('an address that does not work', () => {
  it('an address that does not work is tried until the connect deadline where nothing listens, by a write too', async () => {
    const server = await startServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const clock = new TestClock();
    const began = clock.now();
    const error = await n8nErrorOf(testClient(server.url, { clock }).post('/workflows', {}));
    expect(error).toMatchObject({ kind: 'unreachable', maybeDone: false });
    expect(error.message).toContain('the connection was refused');
    expect(clock.now() - began).toBe(15_000);
  });

  it('an address that does not work is given a minute where it has answered before: n8n restarts', async () => {
    const clock = new TestClock();
    const server = await serve((_request, response, count) =>
      count === 1 ? sendJson(response, {}) : sendHtml(response, '<pre>Cannot POST /api/v1/tags</pre>', 404),
    );
    const client = testClient(server.url, { clock });
    await client.get('/tags');
    const began = clock.now();
    await n8nErrorOf(client.post('/tags', {}));
    expect(clock.now() - began).toBe(60_000);
  });

  it('an address that does not work names a host that does not exist', async () => {
    const client = testClient('http://n8n.invalid', { timeouts: { connectDeadlineMs: 0 } });
    const error = await n8nErrorOf(client.get('/workflows'));
    expect(error.message).toMatch(/no such host|could not be looked up/);
  });

  it('an address that does not work says so where https meets a server without TLS', async () => {
    const server = await serve((_request, response) => sendJson(response, {}));
    const error = await n8nErrorOf(testClient(server.url.replace('http:', 'https:')).get('/workflows'));
    expect(error.remedy).toContain('Write http:// instead of https://');
  });

  it('an address that does not work is a usage error where the key cannot be a key, and the key is not shown', () => {
    const create = (): unknown => testClient('http://127.0.0.1', { apiKey: new Secret('hunter2\nhunter3') });
    expect(create).toThrow(/API key/);
    expect(create).not.toThrow(/hunter/);
  });
});

describe('the key', () => {
  it('the key is in no error and no log, even where the server repeats it', async () => {
    const lines: unknown[] = [];
    const log = (fields: object, message: string): void => void lines.push(fields, message);
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    const server = await serve((request, response, count) => {
      const echo = `${String(request.headers['x-n8n-api-key'])} ${encodeURIComponent(TEST_KEY)}`;
      if (count === 1) sendJson(response, { message: echo }, 503);
      else sendJson(response, { message: echo, issues: [echo] }, 400);
    });
    const error = await n8nErrorOf(testClient(server.url, { logger }).get('/tags'));
    const printed = inspect([error, error.message, error.stack, error.reason, lines], { depth: 10 });
    expect(error.reason).toContain('[secret]');
    expect(printed).not.toContain(TEST_KEY);
    expect(printed).not.toContain(encodeURIComponent(TEST_KEY));
  });
});

describe('an abort', () => {
  it('an abort ends requests that are waiting for an answer', async () => {
    const controller = new AbortController();
    const server = await serve(() => controller.abort());
    const request = testClient(server.url).get('/tags', { signal: controller.signal });
    await expect(request).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
  });

  it('an abort of the client ends all of them, and close does too', async () => {
    const server = await serve(() => undefined);
    const controller = new AbortController();
    const aborted = testClient(server.url, { signal: controller.signal });
    const closed = testClient(server.url);
    const requests = [aborted.get('/a'), aborted.post('/b', {}), closed.get('/c')];
    controller.abort();
    await closed.close();
    for (const request of requests) await expect(request).rejects.toMatchObject({ code: 'interrupted' });
    await expect(closed.get('/d')).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('an abort ends the wait between two attempts', async () => {
    const controller = new AbortController();
    const server = await serve((_request, response) => sendJson(response, {}, 503));
    const clock = new TestClock();
    clock.sleep = (_ms, signal) => {
      controller.abort();
      return signal?.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve();
    };
    const outcome = await testClient(server.url, { clock, signal: controller.signal })
      .get('/tags')
      .catch((error: unknown) => error);
    expect(isN8nError(outcome)).toBe(false);
    expect(server.received).toHaveLength(1);
  });
});

it('a client leaves no connection behind that keeps a server from closing', async () => {
  const server = await startServer((_request, response) => sendJson(response, {}));
  const client = testClient(server.url);
  await client.get('/tags');
  await client.close();
  await server[Symbol.asyncDispose]();
  const refused = new Promise((resolve) => {
    connect(Number(new URL(server.url).port), '127.0.0.1').once('error', resolve);
  });
  await expect(refused).resolves.toMatchObject({ code: 'ECONNREFUSED' });
});
