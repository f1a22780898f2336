import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { plant } from './secrets/planted.ts';

/** What goes wrong with requests from now on. */
export interface GitHttpFault {
  /** Answers every request with this status. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Answers no request at all. */
  readonly hang?: boolean;
  /** Breaks the connection once this many bytes of a push have arrived. */
  readonly cutAfterBytes?: number;
  /** Does the push, but breaks the connection instead of answering. */
  readonly loseAnswer?: boolean;
}

export interface GitHttpOptions {
  /** Folder of the repositories. */
  readonly root: string;
  /** Name to password; without it everybody may read and write. */
  readonly users?: Readonly<Record<string, string>>;
  /** Users that may not push. */
  readonly readOnly?: readonly string[];
}

/** A git remote over smart HTTP: node's server in front of git's own `git http-backend`, on 127.0.0.1. */
export class GitHttpServer implements AsyncDisposable {
  fault: GitHttpFault | null = null;
  /** A server that cannot leave objects out of what it sends (partial clone). */
  withoutFilters = false;
  /** Sent along with every answer. */
  cookie: string | null = null;
  /** Runs before a request is answered: to let somebody else push at the worst moment. */
  beforeRequest: ((request: IncomingMessage) => Promise<void>) | null = null;
  /** `METHOD path?query` of every request. */
  readonly requests: string[] = [];
  readonly #options: GitHttpOptions;
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  private constructor(options: GitHttpOptions) {
    this.#options = options;
  }

  static async start(options: GitHttpOptions): Promise<GitHttpServer> {
    for (const password of Object.values(options.users ?? {})) plant(password, 'password of the git server');
    const server = new GitHttpServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  /** Makes an empty repository and gives its URL. */
  createRepository(name: string): string {
    execFileSync('git', ['init', '--quiet', '--bare', '-b', 'main', join(this.#options.root, name)]);
    return this.url(name);
  }

  url(name: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    await this.beforeRequest?.(request);
    const { fault } = this;
    if (this.cookie !== null) response.setHeader('set-cookie', this.cookie);
    if (fault?.hang) return;
    if (fault?.status !== undefined) {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    const user = this.#userOf(request);
    if (user === null) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('auth required\n');
      return;
    }
    const pushes = request.url?.includes('git-receive-pack') ?? false;
    if (pushes && this.#options.readOnly?.includes(user)) {
      response.writeHead(403).end('write access denied\n');
      return;
    }
    const cgi = spawn('git', ['http-backend'], {
      env: cgiVariables(this.#options.root, request, { user, filters: !this.withoutFilters }),
      // A group of its own, so that it can be ended with all that it started.
      detached: true,
    });
    cgi.stderr.resume();
    const isPush = request.method === 'POST' && pushes;
    feed(request, cgi, isPush ? fault?.cutAfterBytes : undefined);
    await answer(cgi, response, isPush && fault?.loseAnswer === true);
  }

  /** The user's name, empty where nobody needs one; null where the password is wrong. */
  #userOf(request: IncomingMessage): string | null {
    const { users } = this.#options;
    if (!users) return '';
    const encoded = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const [name = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
    return users[name] !== undefined && users[name] === password.join(':') ? name : null;
  }
}

function cgiVariables(
  root: string,
  request: IncomingMessage,
  { user, filters }: { readonly user: string; readonly filters: boolean },
): Record<string, string> {
  const url = new URL(request.url ?? '/', 'http://server');
  const optional = {
    REMOTE_USER: user || undefined,
    CONTENT_LENGTH: request.headers['content-length'],
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
    GIT_PROTOCOL: request.headers['git-protocol']?.toString(),
  };
  const config = {
    'http.receivepack': 'true',
    'safe.directory': '*',
    'uploadpack.allowFilter': String(filters),
  };
  const entries = Object.entries(config).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    PATH: process.env.PATH ?? '',
    HOME: root,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: String(Object.keys(config).length),
    ...(Object.fromEntries(entries) as Record<string, string>),
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    REMOTE_ADDR: '127.0.0.1',
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >),
  };
}

/** Passes the request's body on, or breaks the connection where so many bytes of it have arrived. */
function feed(request: IncomingMessage, cgi: ChildProcessWithoutNullStreams, cutAfter = Infinity): void {
  let received = 0;
  cgi.stdin.on('error', () => cgi.stdin.destroy());
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received < cutAfter) return void cgi.stdin.write(chunk);
    endGroup(cgi);
    request.socket.destroy();
  });
  request.on('end', () => cgi.stdin.end());
  request.on('close', () => {
    if (!request.complete) endGroup(cgi);
  });
}

/** git http-backend waits in a busy loop for the rest of a body that was cut off: it has to be killed. */
function endGroup(cgi: ChildProcessWithoutNullStreams): void {
  if (cgi.pid === undefined || cgi.exitCode !== null || cgi.signalCode !== null) return;
  try {
    process.kill(-cgi.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Turns the CGI program's header and body into the answer. */
async function answer(
  cgi: ChildProcessWithoutNullStreams,
  response: ServerResponse,
  loseAnswer: boolean,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of cgi.stdout as AsyncIterable<Buffer>) chunks.push(chunk);
  const output = Buffer.concat(chunks);
  const end = output.indexOf('\r\n\r\n');
  if (loseAnswer || end < 0) {
    response.destroy();
    return;
  }
  let status = 200;
  for (const line of output.subarray(0, end).toString().split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status).end(output.subarray(end + 4));
}
