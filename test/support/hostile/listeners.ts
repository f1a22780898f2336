import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Servers of a stranger that want a token: one with a certificate of its own, and a proxy. */
export class Listeners implements AsyncDisposable {
  /** What came in, with the user and the password of each request. */
  readonly heard: string[] = [];
  readonly certificate: string;
  readonly #servers: readonly Server[];

  private constructor(certificate: string, servers: readonly Server[]) {
    this.certificate = certificate;
    this.#servers = servers;
  }

  /** @param folder for the certificate, made by openssl */
  static async start(folder: string): Promise<Listeners> {
    const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const args = ['req', '-x509', ...kind, '-keyout', key, '-out', certificate];
    execFileSync('openssl', [...args, ...subject], { stdio: 'ignore' });
    const handle = (request: IncomingMessage, response: ServerResponse): void => listeners.#answer(request, response);
    const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, handle);
    const proxy = createServer(handle);
    proxy.on('connect', (request: IncomingMessage, socket) => {
      listeners.heard.push(`CONNECT ${request.url}`);
      socket.end('HTTP/1.1 403 no\r\n\r\n');
    });
    const listeners = new Listeners(certificate, [tls, proxy]);
    for (const server of [tls, proxy]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return listeners;
  }

  /** The address of the server with a certificate of its own. */
  get tls(): string {
    return `https://127.0.0.1:${this.#portOf(0)}`;
  }

  get proxy(): string {
    return `http://127.0.0.1:${this.#portOf(1)}`;
  }

  #portOf(index: number): number {
    return (this.#servers[index]?.address() as AddressInfo).port;
  }

  /** Asks for a password, as a git server does. */
  #answer({ method, url, headers }: IncomingMessage, response: ServerResponse): void {
    const login = Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    this.heard.push(`${method} ${url} ${login}`);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }
}
