import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EchoOptions {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** What is made of the echo. Default: n8n's JSON, with the echo as the message. */
  readonly body?: (echo: string) => string;
}

export interface EchoServer extends AsyncDisposable {
  readonly url: string;
  /** How many requests were answered. */
  readonly answered: number;
  /** What came in headers named Authorization. */
  readonly authorizations: readonly string[];
}

/**
 * A server that repeats what it was sent, headers and all, in several encodings: as debugging proxies and firewalls
 * do in their error pages. It listens on 127.0.0.1.
 */
export async function startEcho({ status, headers = {}, body = asMessage }: EchoOptions): Promise<EchoServer> {
  let answered = 0;
  const authorizations: string[] = [];
  const server = createServer((request, response) => {
    answered += 1;
    authorizations.push(request.headers.authorization ?? '');
    request.resume();
    request.on('end', () => response.writeHead(status, headers).end(body(echoOf(request))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get answered() {
      return answered;
    },
    authorizations,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One secret in every way that a server might write it. */
export function everyFormOf(secret: string): string {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify({ secret }),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    Buffer.from(`user:${secret}`).toString('base64'),
    bytes.toString('hex'),
  ].join(' ');
}

function asMessage(echo: string): string {
  return JSON.stringify({ message: echo });
}

/** The key comes first, so that no excerpt is too short for it. */
function echoOf(request: IncomingMessage): string {
  const { 'x-n8n-api-key': key, authorization } = request.headers;
  const sent = [key, authorization].filter((value) => typeof value === 'string');
  return `you sent ${sent.map(everyFormOf).join(' ')} ${JSON.stringify(request.rawHeaders)}`;
}
