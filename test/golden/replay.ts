import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers by `METHOD /path` below `/api/v1`, without the query. */
export type Answers = Record<string, { status: number; type: string; text?: string; base64?: string }>;

/**
 * A server that gives recorded answers, and with `live` records them first from a real n8n. A request that asks for
 * what comes after a first page (rows after an id, a cursor) gets an empty page: what is recorded fits on one.
 */
export async function startReplay(
  answers: Answers,
  live?: { readonly url: string; readonly apiKey: string },
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const key = `${request.method} ${url.pathname.replace('/api/v1', '')}`;
    const body = await readAll(request);
    if (live && !isLaterPage(url)) await record(key, url, request, body);
    const found = isLaterPage(url) ? EMPTY_PAGE : answers[key];
    const { status, type, text, base64 } = found ?? MISSING;
    response.writeHead(status, { 'content-type': type });
    response.end(base64 === undefined ? text : Buffer.from(base64, 'base64'));
  }

  async function record(key: string, url: URL, request: IncomingMessage, body: Buffer): Promise<void> {
    const init = {
      method: request.method ?? 'GET',
      headers: { 'X-N8N-API-KEY': live?.apiKey ?? '', 'content-type': 'application/json' },
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    };
    const real = await fetch(`${live?.url}${url.pathname}${url.search}`, init);
    const type = real.headers.get('content-type') ?? 'application/json';
    const bytes = Buffer.from(await real.arrayBuffer());
    const content = type.includes('json') ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
    // The export of every workflow in a folder is the first; the later one, for the version alone, holds less.
    answers[key] ??= { status: real.status, type, ...content };
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const EMPTY_PAGE = { status: 200, type: 'application/json', text: '{"data":[],"nextCursor":null}', base64: undefined };
const MISSING = { status: 404, type: 'application/json', text: '{"message":"not recorded"}', base64: undefined };

function isLaterPage(url: URL): boolean {
  return url.searchParams.has('filter') || url.searchParams.has('cursor');
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
