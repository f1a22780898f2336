import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { grepOutput } from '../secrets/grep.ts';
import { plantEnvironment } from '../secrets/planted.ts';

const ENTRY = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

export interface DaemonProcessOptions {
  readonly cwd: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
}

/** `flowkeep daemon` in a process of its own. */
export interface DaemonProcess extends AsyncDisposable {
  readonly pid: number;
  /** The lines of its log so far. */
  readonly log: readonly Record<string, unknown>[];
  signal(name: NodeJS.Signals): void;
  /** The exit code, once it has ended; null after a signal that it did not handle. */
  readonly ended: Promise<number | null>;
  get(path: string): Promise<Response>;
  /** One sample of `/metrics`: `flowkeep_runs_total{instance="prod",job="backup",status="success"}`; 0 where absent. */
  metric(sample: string): Promise<number>;
  /** Resident memory in bytes. */
  memory(): Promise<number>;
}

/** Starts it and waits until it listens. */
export async function startDaemon(options: DaemonProcessOptions): Promise<DaemonProcess> {
  plantEnvironment(options.env, options.cwd);
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), ENTRY, ...(options.args ?? []), 'daemon'], {
    cwd: options.cwd,
    env: {
      PATH: process.env.PATH,
      HOME: options.cwd,
      FLOWKEEP_HTTP_PORT: String(options.port),
      ...options.env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: Record<string, unknown>[] = [];
  let rest = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      grepOutput('the log of the daemon', line);
      log.push(parseLine(line));
    }
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const get = async (path: string): Promise<Response> => {
    const answer = await fetch(`http://127.0.0.1:${options.port}${path}`);
    grepOutput(`the daemon's answer to ${path}`, await answer.clone().text());
    return answer;
  };
  const daemon: DaemonProcess = {
    pid: child.pid ?? 0,
    log,
    signal: (name) => void child.kill(name),
    ended,
    get,
    async metric(sample) {
      const lines = (await (await get('/metrics')).text()).split('\n');
      return Number(lines.find((line) => line.startsWith(`${sample} `))?.slice(sample.length + 1) ?? 0);
    },
    async memory() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
  await untilListening(daemon, child);
  return daemon;
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch (error) {
    // What is no log line, such as a stack trace, is for the reader of a failed test.
    if (error instanceof SyntaxError) return { raw: line };
    throw error;
  }
}

async function untilListening(daemon: DaemonProcess, child: { readonly exitCode: number | null }): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the daemon ended: ${JSON.stringify(daemon.log.slice(-3))}`);
    const answer = await daemon.get('/healthz').catch(() => null);
    if (answer?.ok) return;
    await delay(50);
  }
}
