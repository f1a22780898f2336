import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstalledN8n } from './install.ts';

/** n8n is ready in about 10 s on two idle cores; a machine under load gets this long. */
const START_DEADLINE_MS = 180_000;

export interface ServerProcess {
  readonly pid: number;
  /** Asks it to stop and waits until it is gone; after 20 s it is killed. */
  stop(): Promise<void>;
  /** SIGKILL for it and its task runner, as an out-of-memory kill does. */
  kill(): Promise<void>;
}

/** Starts `n8n start` and waits until it says that it is ready. Its output goes to `n8n.log` in its user folder. */
export async function startServerProcess(
  n8n: InstalledN8n,
  dir: string,
  url: string,
  env: NodeJS.ProcessEnv,
): Promise<ServerProcess> {
  const logPath = join(dir, 'n8n.log');
  const log = await open(logPath, 'a');
  // A group of its own, so that a kill also reaches the task runner that n8n starts.
  const child = spawn(n8n.node, [n8n.script, 'start'], {
    cwd: n8n.folder,
    env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  const server = controlProcess(child);
  try {
    await untilReady(child, url, logPath);
  } catch (error) {
    await server.kill();
    throw error;
  }
  return server;
}

function controlProcess(child: ChildProcess): ServerProcess {
  if (child.pid === undefined) throw new Error('n8n could not be started: its Node binary did not run');
  const pid = child.pid;
  const killGroup = () => signalGroup(pid, 'SIGKILL');
  process.once('exit', killGroup);
  const gone = once(child, 'exit').then(() => process.removeListener('exit', killGroup));
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid,
    async stop() {
      if (!isGone()) child.kill('SIGTERM');
      const timer = new AbortController();
      await Promise.race([gone, delay(20_000, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
      killGroup();
      await gone;
    },
    async kill() {
      killGroup();
      await gone;
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the whole group is gone already, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function untilReady(child: ChildProcess, url: string, logPath: string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || child.signalCode !== null) throw await startError('n8n ended at once', logPath);
    if (Date.now() > deadline) throw await startError('n8n did not become ready', logPath);
    await delay(150);
  }
}

async function startError(what: string, logPath: string): Promise<Error> {
  return new Error(`${what}; the end of its log:\n${(await readFile(logPath, 'utf8')).slice(-3000)}`);
}

/** Readiness turns true before the REST routes are mounted, so the settings of the editor are asked for as well. */
async function isReady(url: string): Promise<boolean> {
  try {
    const readiness = await fetch(`${url}/healthz/readiness`);
    if (!readiness.ok) return false;
    return (await fetch(`${url}/rest/settings`)).ok;
  } catch (error) {
    // Nothing listens yet: fetch fails with a TypeError.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** `count` ports of 127.0.0.1 that were free just now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
