import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/lib/json/json.ts';
import { listAll } from '../../src/n8n/list/paginate.ts';
import { clientFor } from '../support/backup.ts';
import { buildProgram, flowkeep, type FlowkeepOptions, type FlowkeepRun } from '../support/flowkeep.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { peakMemory } from '../support/peak-memory.ts';
import { seed, type Seeded } from '../support/seed.ts';
import { startStandIn } from '../support/stand-in/start.ts';

const folder = mkdtempSync(join(tmpdir(), 'flowkeep-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Target {
  readonly url: string;
  readonly apiKey: string;
}

/** Runs flowkeep in a folder of its own, with the embedded default store. */
function run(
  name: string,
  target: Target,
  args: readonly string[],
  options: Partial<FlowkeepOptions> = {},
): Promise<FlowkeepRun> {
  const cwd = join(folder, name);
  mkdirSync(cwd, { recursive: true });
  const env = {
    N8N_URL: target.url,
    N8N_API_KEY: target.apiKey,
    FLOWKEEP_INSTANCE: 'prod',
    FLOWKEEP_RATE_LIMIT_REQUESTS_PER_SECOND: '1000',
  };
  return flowkeep(args, { cwd, env, ...options });
}

function git(name: string, ...args: string[]): string {
  return execFileSync('git', ['-C', join(folder, name, 'n8n-backup'), ...args], { encoding: 'utf8' });
}

/** The report of a `flowkeep backup --json` of one instance. */
function report(done: FlowkeepRun): JsonObject & { kinds: JsonObject; stores: JsonObject[] } {
  expect(done.stderr + done.stdout).not.toContain('"error"');
  const { instances } = JSON.parse(done.stdout) as {
    instances: [JsonObject & { kinds: JsonObject; stores: JsonObject[] }];
  };
  return instances[0];
}

describe('a licensed n8n with 900 workflows, 50 credentials, 20 tags and 26,000 rows', () => {
  let n8n: RunningN8n;
  let seeded: Seeded;

  beforeAll(async () => {
    n8n = await startN8n({ licensed: true });
    const options = { workflows: 900, credentials: 50, tags: 20, dataTables: 5, rows: 5200, licensed: true };
    seeded = await seed(n8n, options);
  });
  afterAll(() => n8n.stop());

  it('a licensed n8n is read whole and saved as one commit that reads well', async () => {
    const done = await run('licensed', n8n, ['backup', '--json']);
    expect(done.code, done.stderr).toBe(0);
    const { kinds } = report(done);
    expect(kinds).toMatchObject({
      workflows: { coverage: 'complete', items: 900 },
      credentials: { coverage: 'complete', items: 50 },
      tags: { coverage: 'complete', items: 20 },
      'data-tables': { coverage: 'complete', items: 5, rows: 26_000 },
    });
    for (const kind of ['variables', 'projects', 'folders']) {
      expect(kinds[kind]).toMatchObject({ coverage: 'complete' });
    }
    expect(git('licensed', 'log', '--format=%s')).toMatch(/^prod: first snapshot with 900 workflows, 50 credentials/);
    expect(git('licensed', 'status', '--short')).toBe('');
    expect(storedIds('licensed')).toEqual([...seeded.workflowIds].sort());
  });

  it('a backup makes no commit while nothing changes', async () => {
    const before = git('licensed', 'rev-parse', 'HEAD');
    const done = await run('licensed', n8n, ['backup', '--json']);
    expect(done.code, done.stderr).toBe(0);
    expect(report(done).stores).toMatchObject([{ status: 'unchanged' }]);
    expect(git('licensed', 'rev-parse', 'HEAD')).toBe(before);
  });

  it('a backup changes one file when one node is renamed', async () => {
    const client = clientFor(n8n);
    // One that is not live: renaming a node in the draft of a live one also brings the live version's own file.
    const id = seeded.workflowIds[504]!;
    const workflow = await client.get(`/workflows/${id}`);
    if (!isJsonObject(workflow)) throw new Error('no workflow');
    const renamed = JSON.parse(
      JSON.stringify(workflow).replaceAll(nameOfLastNode(workflow), 'Renamed by a test'),
    ) as JsonObject;
    const { name, nodes, connections, settings } = renamed;
    await client.put(`/workflows/${id}`, { name, nodes, connections, settings }, { query: { publishIfActive: false } });
    await client.close();
    const done = await run('licensed', n8n, ['backup']);
    expect(done.code, done.stderr).toBe(0);
    const changed = git('licensed', 'diff', '--name-only', 'HEAD~1').trim().split('\n');
    // Live workflows write static data by themselves, which rides along.
    const edited = changed.filter((path) => !path.startsWith('prod/workflow-state/'));
    expect(edited).toEqual([expect.stringContaining(id)]);
  });

  it('a backup gives files that n8n itself imports', async () => {
    const [file] = readdirSync(join(folder, 'licensed/n8n-backup/prod/workflows'));
    const path = join(folder, 'licensed/n8n-backup/prod/workflows', file!);
    expect(await n8n.cli(['import:workflow', `--input=${path}`])).toContain('Successfully imported 1 workflow');
  });

  it('a backup ends with exit code 1 and the repository as it was where n8n dies in the middle of a run', async () => {
    await run('dying', n8n, ['backup', '--quiet', '--instance', 'prod'], {});
    const before = git('dying', 'rev-parse', 'HEAD');
    // Another key sees the same; a fresh store makes it read every workflow again, which leaves time to die.
    rmSync(join(folder, 'dying2'), { recursive: true, force: true });
    const done = await run('dying2', n8n, ['backup'], {
      onStart: () => void clientRequestsSeen(n8n).then(() => n8n.kill()),
    });
    expect(done.code).toBe(1);
    expect(done.stderr).toMatch(/n8n|answer/);
    expect(done.stderr).toContain('→');
    const snapshots = await run('dying2', n8n, ['snapshots', '--json']);
    expect(JSON.parse(snapshots.stdout)).toEqual({ snapshots: [] });
    expect(git('dying', 'rev-parse', 'HEAD')).toBe(before);
    await n8n.restart();
  });

  it('a backup refuses a wrong key with a remedy', async () => {
    const done = await run('wrong-key', { ...n8n, apiKey: 'wrong' }, ['backup']);
    expect(done.code).toBe(2);
    expect(done.stderr).toMatch(/does not accept the API key[\s\S]*→ Create a new key/);
    expect(done.stderr).not.toContain('"wrong"');
  });
});

describe('an unlicensed n8n', () => {
  it('an unlicensed n8n is backed up with exit code 0, and the summary names what was unavailable and why', async () => {
    await using n8n = await startN8n({ licensed: false });
    await seed(n8n, { workflows: 30 });
    const done = await run('unlicensed', n8n, ['backup']);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/workflows +30 +complete/);
    for (const kind of ['variables', 'projects', 'folders']) {
      expect(done.stdout).toMatch(new RegExp(`${kind} +- +unavailable: Your license does not allow for feat:`));
    }
    const again = await run('unlicensed', n8n, ['backup']);
    expect(again.stdout).toContain('unchanged since');
  });
});

describe('a data table with 500,000 rows', () => {
  it('a data table with 500,000 rows is read in less than 200 MB of memory', async () => {
    await using n8n = await startStandIn({ licensed: true });
    n8n.addGeneratedTable({ rows: 500_000 });
    let peak: Promise<number> = Promise.resolve(0);
    const done = await run('big-table', n8n, ['backup', '--json'], {
      program: buildProgram(),
      onStart: (child) => {
        peak = peakMemory(child);
      },
    });
    expect(done.code, done.stderr).toBe(0);
    expect(report(done).kinds['data-tables']).toMatchObject({ items: 1, rows: 500_000 });
    expect(await peak).toBeLessThan(200_000_000);
  });
});

function nameOfLastNode(workflow: JsonObject): string {
  const last = (workflow.nodes as JsonObject[]).at(-1);
  if (typeof last?.name !== 'string') throw new Error('a workflow without nodes');
  return last.name;
}

/** The ids inside the stored drafts. */
function storedIds(name: string): string[] {
  const path = join(folder, name, 'n8n-backup/prod/workflows');
  const drafts = readdirSync(path).filter((file) => !file.endsWith('.published.json'));
  return drafts.map((file) => (JSON.parse(readFileSync(join(path, file), 'utf8')) as { id: string }).id).sort();
}

/** Waits until n8n has answered a whole listing, by when a run that began before is among the details. */
async function clientRequestsSeen(n8n: Target): Promise<void> {
  const client = clientFor(n8n);
  for (let pass = 0; pass < 3; pass++) await listAll(client, '/workflows');
  await client.close();
}
