import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { clientFor } from '../support/restore/run.ts';

/**
 * docs/restore.md, case 4, as a person walks it: a server is lost, a new one starts under the same instance's name, and
 * the schedule runs before anybody restores. One n8n after the other is what the instance `prod` points at.
 */
const folder = mkdtempSync(join(tmpdir(), 'flowkeep-worst-day-'));
let lost: RunningN8n;
let fresh: RunningN8n;
let current: RunningN8n;

beforeAll(async () => {
  [lost, fresh] = await Promise.all([startN8n({ licensed: false }), startN8n({ licensed: false })]);
  pointAt(lost);
});
afterAll(async () => {
  await lost?.stop();
  await fresh?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('the worst day ends with everything back, although the schedule ran on the empty server', async () => {
  await fill(lost, 6);
  const full = savedIn(await run('backup', '--json'), 0);
  const wanted = await idsOf(lost);

  pointAt(fresh);
  for (const scheduled of [1, 2]) {
    const backup = await run('backup');
    expect([scheduled, backup.code], backup.stdout + backup.stderr).toEqual([scheduled, 3]);
    expect(backup.stdout).toContain(`flowkeep restore ${full}`);
  }
  const listed = await run('snapshots');
  expect(listed.stdout).toMatch(/shrunk unconfirmed/);
  expect(listed.stdout).toContain(`latest is ${full}`);
  expect((await run('show')).stdout).toContain(full);

  const planned = await run('restore', '--dry-run');
  expect(planned.stdout + planned.stderr).toMatch(/Plan: 7 to create/);
  expect(planned.stdout).not.toContain('WARNING');
  const restored = await run('restore', '--yes');
  expect(restored.code, restored.stdout + restored.stderr).toBe(0);
  expect(await idsOf(fresh)).toEqual(wanted);

  const after = await run('backup');
  expect(after.code, after.stdout + after.stderr).toBe(0);
  await addWorkflow(fresh, 'made on the new server');
  savedIn(await run('backup', '--json'), 0);
});

it('the old server, which runs again, is refused until somebody confirms it', async () => {
  pointAt(lost);
  await addWorkflow(lost, 'made on the old server');
  const refused = await run('backup', '--json');
  expect(refused.code, refused.stdout + refused.stderr).toBe(1);
  expect(refused.stdout).toContain('"code": "other-server"');
  const restore = await run('restore', '--yes');
  expect([restore.code, restore.stderr]).toEqual([1, expect.stringContaining('is not the server')]);

  pointAt(fresh);
  expect((await run('backup')).code).toBe(0);
});

it('a restore of a snapshot that lost most of what there was names the last full one', async () => {
  const before = savedIn(await run('backup', '--json', '--confirm'), 0);
  const client = clientFor(fresh);
  for (const id of (await idsOf(fresh)).slice(0, 5)) await client.delete(`/workflows/${id}`);
  const shrunk = savedIn(await run('backup', '--json'), 0);

  const stopped = await run('restore', '--yes');
  expect(stopped.code, stopped.stdout + stopped.stderr).toBe(1);
  expect(stopped.stderr).toContain(`flowkeep restore ${before} --instance prod`);
  const named = await run('restore', shrunk, '--yes');
  expect([named.code, named.stdout]).toEqual([0, expect.stringMatching(/unchanged/)]);
  const back = await run('restore', before, '--yes');
  expect(back.code, back.stdout + back.stderr).toBe(0);
  expect((await idsOf(fresh)).length).toBe(7);
  expect((await run('backup')).code).toBe(0);
});

/** The id of the snapshot that a backup saved, or that it found unchanged. */
function savedIn({ code, stdout, stderr }: FlowkeepRun, expected: number): string {
  expect(code, stdout + stderr).toBe(expected);
  const { instances } = JSON.parse(stdout) as { instances: { stores: { snapshot: { id: string } }[] }[] };
  return instances[0]!.stores[0]!.snapshot.id;
}

async function fill(n8n: RunningN8n, workflows: number): Promise<void> {
  for (let index = 0; index < workflows; index++) await addWorkflow(n8n, `workflow ${index}`);
  const data = { name: 'X-Key', value: 'not-a-real-one' };
  await clientFor(n8n).post('/credentials', { name: 'Header', type: 'httpHeaderAuth', data });
}

async function addWorkflow(n8n: RunningN8n, name: string): Promise<void> {
  await clientFor(n8n).post('/workflows', { name, nodes: [], connections: {}, settings: {} });
}

async function idsOf(n8n: RunningN8n): Promise<string[]> {
  const { data } = (await clientFor(n8n).get('/workflows')) as { data: { id: string }[] };
  return data.map(({ id }) => id).sort();
}

function pointAt(n8n: RunningN8n): void {
  current = n8n;
  const rateLimit = { concurrency: 4, requestsPerSecond: 1000 };
  const prod = { url: n8n.url, apiKey: { env: 'N8N_API_KEY' }, stores: ['repo'], rateLimit };
  const stores = { repo: { type: 'git', path: './backup' } };
  writeFileSync(join(folder, 'flowkeep.yaml'), JSON.stringify({ instances: { prod }, stores }));
}

function run(...args: string[]): Promise<FlowkeepRun> {
  return flowkeep(args, { cwd: folder, env: { N8N_API_KEY: current.apiKey } });
}
