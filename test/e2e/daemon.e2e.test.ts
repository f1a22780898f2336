import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon } from '../support/daemon/process.ts';
import { Receiver } from '../support/daemon/receiver.ts';
import { flowkeep } from '../support/flowkeep.ts';
import { freePorts } from '../support/n8n/server-process.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';

/** Ten minutes by hand: FLOWKEEP_TEST_SOAK_SECONDS=600. */
const SOAK_MS = Number(process.env.FLOWKEEP_TEST_SOAK_SECONDS ?? 60) * 1000;
const MB = 1_000_000;

let n8n: RunningN8n;
let cwd: string;

beforeAll(async () => {
  n8n = await startN8n({ licensed: false });
  cwd = await mkdtemp(join(tmpdir(), 'flowkeep-daemon-'));
});
afterAll(async () => {
  await n8n.stop();
  await rm(cwd, { recursive: true, force: true });
});

async function api(method: string, path: string, body: unknown): Promise<{ id: string }> {
  const response = await fetch(`${n8n.url}/api/v1${path}`, {
    method,
    headers: { 'X-N8N-API-KEY': n8n.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string };
}

const workflow = (name: string) => ({ name, nodes: [], connections: {}, settings: {} });

describe('a daemon before a real n8n', () => {
  it('a daemon before a real n8n keeps a snapshot of each change while n8n is restarted, and its memory stays', async () => {
    await using receiver = await Receiver.start();
    const [port = 0] = await freePorts(1);
    const env = {
      ...{ N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_SCHEDULE: '*/5 * * * * *' },
      FLOWKEEP_PING_URL: receiver.url('/ping'),
      FLOWKEEP_WEBHOOK_URL: receiver.url('/hook'),
    };
    const { id } = await api('POST', '/workflows', workflow('edit 0'));
    await using daemon = await startDaemon({ cwd, port, env });
    const saved = (): Promise<number> => daemon.metric('flowkeep_snapshots_total{instance="default",store="default"}');
    await expect.poll(saved, { timeout: 60_000 }).toBe(1);

    const ends = performance.now() + SOAK_MS;
    const restarts = [SOAK_MS * 0.3, SOAK_MS * 0.6].map((after) => performance.now() + after);
    const memory: number[] = [];
    let edits = 0;
    for (let round = 0; performance.now() < ends; round++) {
      if (restarts.length > 0 && performance.now() > restarts[0]!) {
        restarts.shift();
        await n8n.restart();
      }
      edits++;
      await api('PUT', `/workflows/${id}`, workflow(`edit ${edits}`));
      // The next edit comes only when this one is stored: each must have a snapshot of its own.
      await expect.poll(saved, { timeout: 90_000, interval: 250 }).toBe(1 + edits);
      memory.push(await daemon.memory());
      await delay(1_000);
    }

    const failures = await daemon.metric('flowkeep_runs_total{instance="default",job="backup",status="failed"}');
    const successes = await daemon.metric('flowkeep_runs_total{instance="default",job="backup",status="success"}');
    await expect.poll(() => receiver.paths.filter((path) => path === '/ping').length).toBeGreaterThanOrEqual(successes);
    const paths = receiver.paths;
    const events = receiver.received
      .filter(({ path }) => path === '/hook')
      .map(({ body }) => (JSON.parse(body) as { event: string }).event);
    const listed = await flowkeep(['snapshots', '--json'], { cwd, env });
    const subjects = (JSON.parse(listed.stdout) as { snapshots?: { subject: string }[] }).snapshots ?? [];
    const minute = memory.slice(Math.floor(memory.length * 0.1), Math.floor(memory.length * 0.2) + 1);
    const late = memory.slice(-minute.length);
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    process.stderr.write(
      `soak: ${SOAK_MS / 1000} s, ${edits} edits, ${await saved()} snapshots, ${subjects.length} listed, ` +
        `${successes} runs succeeded, ${failures} failed, pings ${paths.filter((path) => path === '/ping').length} ok ` +
        `${paths.filter((path) => path === '/ping/fail').length} fail, webhook ${events.join(' ')}, ` +
        `memory ${minute.map((value) => Math.round(value / MB)).join(' ')} -> ${late.map((value) => Math.round(value / MB)).join(' ')} MB\n`,
    );
    // One for each edit and the first: none is missing, none doubled.
    expect(listed.code).toBe(0);
    expect(subjects).toHaveLength(1 + edits);
    expect(paths.filter((path) => path === '/ping/fail')).toHaveLength(failures);
    expect(events.filter((event) => event === 'failed').length).toBe(
      events.filter((event) => event === 'recovered').length,
    );
    expect(mean(late)).toBeLessThan(mean(minute) * 1.2);

    daemon.signal('SIGTERM');
    expect(await daemon.ended).toBe(0);
  });
});

describe("n8n's own source-control pull", () => {
  const pull = (target: RunningN8n) =>
    flowkeep(['pull', '--json'], { cwd, env: { N8N_URL: target.url, N8N_API_KEY: target.apiKey } });

  it("n8n's own source-control pull is refused without a licence (403), with what to do instead", async () => {
    const { code, stdout } = await pull(n8n);
    expect(code).toBe(1);
    expect(stdout).toContain('"n8n-licence"');
    expect(stdout).toContain('flowkeep restore');
  });

  it("n8n's own source-control pull is refused where the instance is not connected (400), with what to do", async () => {
    await using licensed = await startN8n({ licensed: true });
    const { code, stdout } = await pull(licensed);
    expect(stdout).toContain('Connect the instance');
    expect(code).toBe(1);
  });
});
