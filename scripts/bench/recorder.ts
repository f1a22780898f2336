import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** A request as flowkeep made it, ready to be made again by the bare client (floor-client.mjs). */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBase64?: string;
  /** The status that it got, and must get again. */
  readonly status: number;
  /** Requests of one chain follow one another, as the pages of a list do; others are made side by side. */
  readonly chain: string;
}

export interface Recorder extends AsyncDisposable {
  readonly url: string;
  /** What passed since the last call, in the order in which it was asked. */
  take(): RecordedRequest[];
}

/** A proxy on 127.0.0.1 before an n8n, which notes every request that a program makes. */
export async function startRecorder(target: string): Promise<Recorder> {
  const { hostname, port } = new URL(target);
  let recorded: (RecordedRequest | undefined)[] = [];
  const server = createServer((incoming, response) => {
    const list = recorded;
    const place = list.push(undefined) - 1;
    const forward = async (): Promise<void> => {
      const body = await buffer(incoming);
      const { method = '', url: path = '', headers } = incoming;
      const onward = request({
        hostname,
        port,
        method,
        path,
        headers: { ...headers, host: `${hostname}:${port}` },
      });
      // `once` hears what fails before the answer, the pipeline what fails in it; what comes later concerns nobody.
      onward.on('error', () => undefined);
      onward.end(body);
      const [answer] = (await once(onward, 'response')) as [IncomingMessage];
      const status = answer.statusCode ?? 0;
      list[place] = {
        method,
        path,
        headers: keptHeaders(headers),
        ...encode(body),
        status,
        chain: chainOf(method, path),
      };
      response.writeHead(status, answer.headers);
      await pipeline(answer, response);
    };
    // The program sees the broken connection and fails; the bench with it.
    forward().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = recorded.filter((each) => each !== undefined);
      recorded = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const KEPT_HEADERS = ['accept', 'content-type', 'x-n8n-api-key', 'user-agent'];

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(KEPT_HEADERS.flatMap((name) => (name in headers ? [[name, String(headers[name])]] : [])));
}

function encode(body: Buffer): { bodyBase64?: string } {
  return body.length === 0 ? {} : { bodyBase64: body.toString('base64') };
}

/** A page of a list is asked for by what the page before it says, so pages of one path follow one another. */
function chainOf(method: string, path: string): string {
  return `${method} ${path.split('?')[0]}`;
}
