import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDaemon, type DaemonProcess } from '../../support/daemon/process.ts';
import { flowkeep } from '../../support/flowkeep.ts';
import { freePorts } from '../../support/n8n/server-process.ts';
import { startStandIn, type StandIn } from '../../support/stand-in/start.ts';
import { addWorkflow } from '../../support/stand-in/workflow-actions.ts';

let n8n: StandIn;
let cwd: string;
let daemon: DaemonProcess | undefined;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true, now: Date.now });
  for (let i = 0; i < 20; i++) addWorkflow(n8n.state, { id: `w${i}`, name: `Workflow ${i}` });
  cwd = await mkdtemp(join(tmpdir(), 'flowkeep-daemon-'));
});
afterEach(async () => {
  await daemon?.[Symbol.asyncDispose]();
  daemon = undefined;
  await n8n.stop();
  await rm(cwd, { recursive: true, force: true });
});

const env = (more: Record<string, string> = {}) => ({ N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, ...more });

async function start(more: Record<string, string> = {}): Promise<DaemonProcess> {
  const [port = 0] = await freePorts(1);
  daemon = await startDaemon({ cwd, port, env: env({ FLOWKEEP_SCHEDULE: '0 4 * * *', ...more }) });
  return daemon;
}

const ended = (process: DaemonProcess) => process.log.filter(({ msg }) => String(msg).startsWith('run ended'));

async function snapshots(): Promise<unknown[]> {
  const { stdout } = await flowkeep(['snapshots', '--json'], { cwd, env: env() });
  return (JSON.parse(stdout) as { snapshots: unknown[] }).snapshots;
}

describe('flowkeep daemon', () => {
  it('flowkeep daemon backs up at the start, ends on SIGTERM with exit code 0, and leaves no lock behind', async () => {
    const process = await start();
    await expect.poll(() => ended(process).length, { timeout: 20_000 }).toBe(1);
    expect((await process.get('/readyz')).status).toBe(200);
    process.signal('SIGTERM');
    expect(await process.ended).toBe(0);
    expect(await snapshots()).toHaveLength(1);
    // A lock that was left behind would make this one wait.
    addWorkflow(n8n.state, { id: 'more', name: 'More' });
    const { code } = await flowkeep(['backup', '--wait', '0'], { cwd, env: env() });
    expect(code).toBe(0);
    expect(await snapshots()).toHaveLength(2);
  });

  it('flowkeep daemon stops a backup that takes longer than the grace time, in time, and the store stays valid', async () => {
    n8n.fault({ path: '/tags', action: 'stall' });
    const process = await start({ FLOWKEEP_DAEMON_GRACE: '2s' });
    await expect.poll(() => n8n.requests.some(({ path }) => path === '/tags'), { timeout: 20_000 }).toBe(true);
    const began = performance.now();
    process.signal('SIGTERM');
    expect(await process.ended).toBe(130);
    expect(performance.now() - began).toBeLessThan(3_500);
    expect((await flowkeep(['backup'], { cwd, env: env() })).code).toBe(0);
    expect((await flowkeep(['verify', '--all'], { cwd, env: env() })).code).toBe(0);
  });

  it('flowkeep daemon reloads its configuration on SIGHUP, and keeps the old one where the new one is wrong', async () => {
    const file = join(cwd, 'flowkeep.yaml');
    const write = (name: string) =>
      writeFile(
        file,
        `instances:\n  ${name}:\n    url: ${n8n.url}\n    apiKey: { env: N8N_API_KEY }\n    schedules: { backup: '0 4 * * *' }\n`,
      );
    const names = async () =>
      ((await (await daemon!.get('/v1/status')).json()) as { instances: { name: string }[] }).instances.map(
        ({ name }) => name,
      );
    await write('prod');
    const [port = 0] = await freePorts(1);
    daemon = await startDaemon({ cwd, port, env: { N8N_API_KEY: n8n.apiKey } });
    expect(await names()).toEqual(['prod']);
    await write('staging');
    daemon.signal('SIGHUP');
    await expect.poll(names, { timeout: 10_000 }).toEqual(['staging']);
    await write('not a name!');
    daemon.signal('SIGHUP');
    await expect.poll(() => daemon!.log.some(({ level }) => level === 'error'), { timeout: 10_000 }).toBe(true);
    expect(await names()).toEqual(['staging']);
  });

  it('flowkeep daemon is refused where it has nothing to do', async () => {
    const run = await flowkeep(['daemon'], { cwd, env: env() });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('FLOWKEEP_SCHEDULE');
  });
});
