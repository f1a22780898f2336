import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Gate extends AsyncDisposable {
  readonly url: string;
}

/** What the gate sees of a request. */
export interface PassingRequest {
  readonly method: string;
  readonly path: string;
}

/**
 * A proxy before an n8n that answers some requests itself: what `judge` gives a status for is refused with it, all else
 * goes through and is done even where the client is gone by then.
 */
export async function startGate(
  url: string,
  judge: (request: PassingRequest) => { readonly status: number } | undefined,
): Promise<Gate> {
  const server = createServer((incoming, response) => {
    const refused = judge({ method: incoming.method ?? '', path: incoming.url ?? '' });
    if (refused) refuse(incoming, response, refused.status);
    else forward(new URL(url), incoming, response);
  });
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

function refuse(incoming: IncomingMessage, response: ServerResponse, status: number): void {
  incoming.resume();
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message: 'not found' }));
}

/** Gathers the request first, so that n8n gets all of it even where the client ends in the middle. */
function forward(to: URL, incoming: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const { method, headers, url: path } = incoming;
    const onward = request({ host: to.hostname, port: to.port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end(Buffer.concat(chunks));
  });
}
