import { runDaemon } from '../../../src/daemon/daemon.ts';
import type { DaemonInstance, DaemonSetup } from '../../../src/daemon/types.ts';
import type { BackupReport } from '../../../src/jobs/backup/backup-types.ts';
import type { ExitCode } from '../../../src/lib/exit-codes.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import { Secret } from '../../../src/lib/secrets/secret.ts';
import { systemClock } from '../../../src/lib/time.ts';
import { freePorts } from '../../support/n8n/server-process.ts';
import { grepOutput } from '../../support/secrets/grep.ts';
import { grepLine } from '../../support/secrets/logger.ts';
import { plant } from '../../support/secrets/planted.ts';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** A daemon in this process, on jobs that the test makes. */
export interface TestDaemon extends AsyncDisposable {
  readonly lines: Line[];
  url(path: string): string;
  get(path: string): Promise<Response>;
  post(path: string, body?: unknown, token?: string | null): Promise<Response>;
  metric(sample: string): Promise<number>;
  hangUp(): void;
  /** SIGTERM. @returns the exit code */
  stop(): Promise<ExitCode>;
}

export const TOKEN = plant('a-token-of-the-tests', 'token of the API');

export async function startTestDaemon(
  {
    token,
    hosts = [],
    ...setup
  }: Partial<DaemonSetup> & { readonly token?: string | Secret; readonly hosts?: string[] },
  reload: () => Promise<DaemonSetup> = () => Promise.reject(new Error('no other configuration')),
): Promise<TestDaemon> {
  const [port = 0] = await freePorts(1);
  const stop = new AbortController();
  const lines: Line[] = [];
  let hangUp = (): void => undefined;
  const ended = runDaemon({
    setup: makeSetup({
      ...setup,
      http: {
        host: '127.0.0.1',
        hosts,
        port,
        ...(token === undefined ? {} : { token: typeof token === 'string' ? new Secret(token) : token }),
      },
    }),
    reload,
    onHangup(listener) {
      hangUp = listener;
      return { [Symbol.dispose]: () => undefined };
    },
    version: '1.2.3',
    // Pauses between attempts take no time.
    clock: { ...systemClock, sleep: async () => {} },
    logger: logTo(lines),
    signal: stop.signal,
  });
  const url = (path: string): string => `http://127.0.0.1:${port}${path}`;
  await untilUp(url('/healthz'));
  return {
    lines,
    url,
    get: async (path) => grepped(path, await fetch(url(path))),
    post: async (path, body, token = TOKEN) => {
      const headers = {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const request = { method: 'POST', headers, ...(text === undefined ? {} : { body: text }) };
      return grepped(path, await fetch(url(path), request));
    },
    async metric(sample) {
      const text = await (await fetch(url('/metrics'))).text();
      const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
      return Number(line?.slice(sample.length + 1) ?? Number.NaN);
    },
    hangUp: () => hangUp(),
    stop() {
      stop.abort();
      return ended;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

export function makeSetup(changes: Partial<DaemonSetup> = {}): DaemonSetup {
  return {
    instances: [makeInstance()],
    http: { host: '127.0.0.1', hosts: [], port: null },
    concurrency: 2,
    jitter: 0,
    graceMs: 2_000,
    [Symbol.asyncDispose]: async () => {},
    ...changes,
  };
}

type Changes = Partial<Omit<DaemonInstance, 'run' | 'schedules'>> & {
  readonly run?: Partial<DaemonInstance['run']>;
  readonly schedules?: Partial<DaemonInstance['schedules']>;
};

/** An instance without schedules; its jobs find nothing to do. */
export function makeInstance({ run = {}, schedules = {}, ...changes }: Changes = {}): DaemonInstance {
  return {
    name: 'prod',
    url: 'https://n8n.example.com',
    timezone: 'UTC',
    schedules: { backup: null, verify: null, prune: null, pull: null, ...schedules },
    alerts: [],
    newest: async () => null,
    checkStores: async () => {},
    ...changes,
    run: {
      backup: async () => makeReport(),
      verify: async () => ({ instance: 'prod', stores: [], durationMs: 0 }),
      prune: async () => ({ dryRun: false, stores: [] }),
      pull: () => Promise.reject(new Error('not connected')),
      ...run,
    },
  };
}

type KindHeader = NonNullable<BackupReport['header']['kinds']['workflows']>;

/** The report of a backup that found this many workflows, and changed nothing. */
export function makeReport(workflows: Partial<KindHeader> = {}, changes: Partial<BackupReport> = {}): BackupReport {
  const info = {
    ...{ id: '20260101T000000Z-00000000', instance: 'prod', takenAt: '2026-01-01T00:00:00Z' },
    ...{ format: 1, n8nVersion: '2.41.1', subject: 'prod: nothing', flags: [], digest: '' },
  };
  const kind: KindHeader = { coverage: 'complete', items: 7, ...workflows };
  const healing = { healed: [], lost: [] };
  return {
    ...{ instance: 'prod', url: 'http://n8n', shrunk: [], durationMs: 5 },
    header: { format: 1, instance: 'prod', n8nVersion: '2.41.1', kinds: { workflows: kind } },
    stores: [{ store: 'repo', location: '/repo', status: 'unchanged', snapshot: info, healing }],
    client: { requests: 10, retries: 1, bytesReceived: 100, bytesSent: 20, pausedMs: 0 },
    ...changes,
  };
}

export function logTo(lines: Line[]): Logger {
  const log = (level: string) => (fields: object, message: string) => {
    grepLine(level, fields, message);
    lines.push({ level, message, fields: { ...fields } });
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

async function grepped(path: string, answer: Response): Promise<Response> {
  grepOutput(`the answer to ${path}`, await answer.clone().text());
  return answer;
}

async function untilUp(url: string): Promise<void> {
  while (!(await fetch(url).catch(() => null))?.ok) await new Promise((resolve) => setImmediate(resolve));
}
