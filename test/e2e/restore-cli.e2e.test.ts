import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../src/lib/json/json.ts';
import { KINDS } from '../../src/kinds/kinds.ts';
import type { N8nClient } from '../../src/n8n/http/types.ts';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { startGate } from '../support/restore/gate.ts';
import { clientFor } from '../support/restore/run.ts';
import { seed } from '../support/restore/seed.ts';

/**
 * The program itself against two real n8n: killed with SIGKILL at a request of a restore and run again. Every EVERYth
 * request is tried, of at most LAST; FLOWKEEP_TEST_KILL_EVERY=1 tries them all, which takes about a quarter of an hour.
 */
const EVERY = Number(process.env.FLOWKEEP_TEST_KILL_EVERY ?? 15);
const LAST = 200;

const folder = mkdtempSync(join(tmpdir(), 'flowkeep-kill-'));
let source: RunningN8n;
let target: RunningN8n;

beforeAll(async () => {
  source = await startN8n({ licensed: true });
  target = await startN8n({ licensed: true });
  await seed(clientFor(source), true, 40);
  configure(source.url, target.url);
  for (const name of ['source', 'target']) expect((await run('backup', '--instance', name)).code).toBe(0);
});
afterAll(async () => {
  await source?.stop();
  await target?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('a restore ends in one final state wherever it is killed', async () => {
  const wanted = await idsOf(source);
  let tried = 0;
  for (let at = 1; at <= LAST; at += EVERY) {
    const requests = await killAt(at);
    if (requests < at) break;
    tried += 1;
    const again = await restore();
    expect([at, again.code, again.stdout], again.stderr).toEqual([at, 0, expect.any(String)]);
    expect([at, await idsOf(target)]).toEqual([at, wanted]);
    await wipe();
  }
  expect(tried).toBeGreaterThan(0);
});

it('a restore refuses a plan whose target has moved on, with exit code 4 and nothing written', async () => {
  const plan = await run('restore', '--instance', 'source', '--to', 'target', '--dry-run', '--json');
  expect(plan.code, plan.stderr).toBe(0);
  writeFileSync(join(folder, 'plan.json'), plan.stdout);
  await clientFor(target).post('/tags', { name: 'made after the plan' });
  const before = await idsOf(target);

  const refused = await run('restore', '--instance', 'source', '--plan', 'plan.json', '--yes');
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('the target has changed since the plan was made');
  expect(await idsOf(target)).toEqual(before);
  await wipe();
});

it('a restore invites users, members of projects among them, when it is asked to', async () => {
  const [from, to] = [clientFor(source), clientFor(target)];
  await from.post('/users', [{ email: 'mira@flowkeep.test', role: 'global:member' }]);
  const mira = (await listed(from, '/users')).find(({ email }) => email === 'mira@flowkeep.test');
  const team = (await listed(from, '/projects')).find(({ type }) => type === 'team');
  await from.post(`/projects/${team?.id as string}/users`, {
    relations: [{ userId: mira?.id, role: 'project:editor' }],
  });
  configure(source.url, target.url, { kinds: KINDS });
  expect((await run('backup', '--instance', 'source')).code).toBe(0);

  const done = await run(...RESTORE, '--invite-users');
  expect(done.code, done.stdout + done.stderr).toBe(0);
  expect((await listed(to, '/users')).map(({ email }) => email)).toContain('mira@flowkeep.test');
  const members = await listed(to, `/projects/${team?.id as string}/users`);
  expect(members).toContainEqual(expect.objectContaining({ email: 'mira@flowkeep.test', role: 'project:editor' }));
});

/** The requests that were made until the restore was killed, or ended by itself. */
async function killAt(at: number): Promise<number> {
  let count = 0;
  let kill = (): void => undefined;
  await using gate = await startGate(target.url, () => {
    count += 1;
    if (count === at) kill();
    return undefined;
  });
  configure(source.url, gate.url);
  const done = await flowkeep(RESTORE, {
    cwd: folder,
    env: env(),
    onStart: (child) => (kill = () => void child.kill('SIGKILL')),
  });
  configure(source.url, target.url);
  expect([at, done.signal ?? done.code]).toEqual([at, count < at ? 0 : 'SIGKILL']);
  return count;
}

// A lease that a killed run left behind would be waited for: 90 seconds at each of the points.
const RESTORE = ['restore', '--instance', 'source', '--to', 'target', '--yes', '--json', '--wait', '0'];

function restore(): Promise<FlowkeepRun> {
  return run(...RESTORE);
}

/** Empties the target: by a restore of its empty state, with --prune. */
async function wipe(): Promise<void> {
  const done = await run('restore', '--instance', 'target', '--prune', '--yes', '--json');
  expect(done.code, done.stdout + done.stderr).toBe(0);
}

function run(...args: string[]): Promise<FlowkeepRun> {
  return flowkeep(args, { cwd: folder, env: env() });
}

function env(): Record<string, string> {
  return { SOURCE_KEY: source.apiKey, TARGET_KEY: target.apiKey };
}

function configure(sourceUrl: string, targetUrl: string, more: object = {}): void {
  const rateLimit = { concurrency: 4, requestsPerSecond: 1000 };
  const instances = {
    source: { url: sourceUrl, apiKey: { env: 'SOURCE_KEY' }, stores: ['repo'], rateLimit, ...more },
    target: { url: targetUrl, apiKey: { env: 'TARGET_KEY' }, stores: ['repo'], rateLimit },
  };
  const stores = { repo: { type: 'git', path: './backup' } };
  writeFileSync(join(folder, 'flowkeep.yaml'), JSON.stringify({ instances, stores }));
}

/** The ids of everything, by kind: a duplicate or a hole shows. */
async function idsOf(n8n: RunningN8n): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const kind of ['workflows', 'credentials', 'tags', 'data-tables', 'variables', 'projects']) {
    const kept = (await listed(clientFor(n8n), `/${kind}`)).filter(({ type }) => type !== 'personal');
    // Variables are told by their key: n8n gives each a new id.
    found[kind] = kept.map(({ id, key }) => String((key ?? id) as string)).sort();
  }
  return found;
}

async function listed(client: N8nClient, path: string): Promise<JsonObject[]> {
  const query = { limit: 250, ...(path === '/users' ? { includeRole: true } : {}) };
  return ((await client.get(path, { query })) as { data: JsonObject[] }).data;
}
