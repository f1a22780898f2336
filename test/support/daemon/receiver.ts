import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { grepOutput } from '../secrets/grep.ts';

export interface Received {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body: string;
}

/** Receives pings and webhooks on 127.0.0.1. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** The status of the next answers; `hang` gives none. */
  answer: number | 'hang' = 200;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        // The path is where it was sent to, and may be a secret itself.
        grepOutput('the body of an alert', body);
        grepOutput(
          'the query of a ping',
          [...new URL(request.url ?? '/', 'http://receiver').searchParams.values()].join('\n'),
        );
        this.received.push({ method: request.method ?? '', path: request.url ?? '', body });
        if (this.answer !== 'hang') response.writeHead(this.answer).end();
      });
    });
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  /** Paths of what came, without queries. */
  get paths(): string[] {
    return this.received.map(({ path }) => path.split('?')[0] ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
