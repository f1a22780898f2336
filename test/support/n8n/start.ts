import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installN8n } from './install.ts';
import { enableLicensedFeatures, signInAsOwner, type OwnerSession } from './owner-session.ts';
import { freePorts, startServerProcess, type ServerProcess } from './server-process.ts';

export interface StartN8nOptions {
  /** With the licensed features (variables, projects, folders, ...) or as a community instance. */
  readonly licensed: boolean;
  /** More environment variables for n8n. */
  readonly env?: Readonly<Record<string, string>>;
  /** A user folder to use and to leave in place. Without it: a temporary one, removed by `stop`. */
  readonly dir?: string;
}

/** A real n8n that this process started. Dispose of it, or nothing but the exit of this process ends it. */
export interface RunningN8n extends AsyncDisposable {
  readonly url: string;
  /** A key with every scope that the owner may give. */
  readonly apiKey: string;
  readonly dir: string;
  readonly pid: number;
  createKey(scopes?: readonly string[] | 'all'): Promise<string>;
  /** A request to the editor's own API (below `/rest`), for what the public API cannot do. */
  rest(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Runs an n8n command (`export:workflow --all --output=...`) on the same user folder. @returns its output */
  cli(args: readonly string[]): Promise<string>;
  /** Stops it and starts it again on the same folder, port and keys. */
  restart(): Promise<void>;
  /** SIGKILL. `restart` brings it back. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a real n8n (installing it first where needed) on a free port of 127.0.0.1, with an owner and an API key. */
export async function startN8n(options: StartN8nOptions): Promise<RunningN8n> {
  const n8n = await installN8n();
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'flowkeep-n8n-')));
  await mkdir(dir, { recursive: true });
  const [port = 0, brokerPort = 0, cliBrokerPort = 0] = await freePorts(3);
  const url = `http://127.0.0.1:${port}`;
  const env = { ...environment(dir, port, options.licensed), ...options.env };
  let server: ServerProcess;
  let owner: OwnerSession;

  async function start(): Promise<void> {
    const running = await startServerProcess(n8n, dir, url, {
      ...env,
      N8N_RUNNERS_BROKER_PORT: String(brokerPort),
    });
    server = running;
    try {
      if (options.licensed) await enableLicensedFeatures(url);
      owner = await signInAsOwner(url);
    } catch (error) {
      await running.kill();
      throw error;
    }
  }

  async function stop(): Promise<void> {
    await server.stop();
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  }

  await start();
  return {
    url,
    dir,
    apiKey: await owner!.createKey('all'),
    get pid() {
      return server.pid;
    },
    createKey: (scopes = 'all') => owner.createKey(scopes),
    rest: (method, path, body) => owner.rest(method, path, body),
    async cli(args) {
      const cliEnv = { ...env, N8N_RUNNERS_BROKER_PORT: String(cliBrokerPort) };
      const options = { cwd: n8n.folder, env: cliEnv, maxBuffer: 256 * 1024 * 1024 };
      return (await promisify(execFile)(n8n.node, [n8n.script, ...args], options)).stdout;
    },
    async restart() {
      await server.stop();
      await start();
    },
    kill: () => server.kill(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Nothing of the caller's environment but PATH, so that a developer's own n8n settings do not leak in. */
function environment(dir: string, port: number, licensed: boolean): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: dir,
    N8N_USER_FOLDER: dir,
    N8N_PORT: String(port),
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_ENCRYPTION_KEY: 'flowkeep-test-encryption-key',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_SECURE_COOKIE: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    GENERIC_TIMEZONE: 'UTC',
    ...(licensed ? { E2E_TESTS: 'true', NODE_ENV: 'development' } : {}),
  };
}
