import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A whole request, gathered before anything else is done, so that the server gets all of it whatever the client does.
 */
export interface GatheredRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A whole answer of the server behind the proxy. */
export interface GatheredAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpProxy extends AsyncDisposable {
  readonly url: string;
}

/** What answers a client: `forward` asks the server behind the proxy, once. */
export type Handler = (
  request: GatheredRequest,
  response: ServerResponse,
  forward: () => Promise<GatheredAnswer>,
) => Promise<void>;

/** An HTTP proxy on 127.0.0.1 that leaves it to a handler what becomes of each request. */
export async function startHttpProxy(targetUrl: string, handle: Handler): Promise<HttpProxy> {
  const to = new URL(targetUrl);
  const server = createServer((incoming, response) => {
    gather(incoming)
      .then((gathered) => handle(gathered, response, () => forward(to, gathered)))
      // A client that went away, or a server that did: the other side is told by the end of its connection.
      .catch(() => response.destroy());
  });
  // What a client keeps open must not be closed under it: a reset is to be a fault that was chosen.
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Sends an answer on as it is. */
export function pass({ status, headers, body }: GatheredAnswer, response: ServerResponse): void {
  const { connection: _, 'keep-alive': _kept, 'transfer-encoding': _coded, ...kept } = headers;
  response.writeHead(status, kept);
  response.end(body);
}

async function gather(incoming: IncomingMessage): Promise<GatheredRequest> {
  const { method = '', url = '/', headers } = incoming;
  return { method, target: url, headers, body: await bodyOf(incoming) };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The Host header stays: signatures of S3 requests cover it. */
async function forward(to: URL, { method, target, headers, body }: GatheredRequest): Promise<GatheredAnswer> {
  const { 'transfer-encoding': _, expect: _asked, connection: _kept, ...kept } = headers;
  const length = body.length > 0 || headers['content-length'] !== undefined;
  const onward = request({
    host: to.hostname,
    port: to.port,
    method,
    path: target,
    headers: { ...kept, ...(length ? { 'content-length': body.length } : {}) },
    agent: false,
  });
  onward.end(body);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await bodyOf(answer) };
}
