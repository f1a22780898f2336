import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface CountingProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** `PUT /bucket/key` for each request since the list was emptied. */
  readonly requests: string[];
  count(method: string): number;
}

/** An HTTP proxy on 127.0.0.1 in front of an S3 server, which notes what a program really asks of it. */
export async function startCountingProxy(targetPort: number): Promise<CountingProxy> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    requests.push(`${method} ${url}`);
    // The Host header stays: the signature covers it.
    const upstream = send({
      port: targetPort,
      host: '127.0.0.1',
      method,
      path: url,
      headers: request.headers,
    });
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response).catch(() => response.destroy());
    });
    pipeline(request, upstream).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    count: (method) => requests.filter((each) => each.startsWith(`${method} `)).length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
