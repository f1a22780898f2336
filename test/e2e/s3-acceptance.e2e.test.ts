import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prune } from '../../src/jobs/prune/prune.ts';
import { verify } from '../../src/jobs/verify/verify.ts';
import type { JsonObject } from '../../src/lib/json/json.ts';
import { noProgress } from '../../src/lib/progress.ts';
import { systemClock } from '../../src/lib/time.ts';
import { listAll } from '../../src/n8n/list/paginate.ts';
import { objectsIn } from '../../src/kinds/fields.ts';
import { clientFor, takeBackup } from '../support/backup.ts';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { createWorkflows, workflowId } from '../support/many-workflows.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { startCountingProxy, type CountingProxy } from '../support/s3/counting-proxy.ts';
import { startRgw, type RunningRgw } from '../support/s3/rgw.ts';
import { startStandIn } from '../support/stand-in/start.ts';
import { addWorkflow, saveDraft } from '../support/stand-in/workflow-actions.ts';
import { draftOf } from '../support/stand-in/state.ts';
import { createS3Store } from '../support/s3/store.ts';

const WORKFLOWS = 1000;
const BUCKET = 'acceptance';

let rgw: RunningRgw;
let proxy: CountingProxy;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-acceptance-'));
  rgw = await startRgw();
  await rgw.createBucket(BUCKET);
  proxy = await startCountingProxy(rgw.port);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await rgw[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Document {
  readonly instances: readonly { readonly stores: readonly Record<string, unknown>[] }[];
}

/** The only store of the only instance in what a command printed. */
function storeOf(run: FlowkeepRun): Record<string, unknown> {
  const store = (JSON.parse(run.stdout) as Document).instances[0]?.stores[0];
  if (!store) throw new Error(`no store in ${run.stdout}`);
  return store;
}

describe('a thousand workflows of a real n8n in a real bucket', () => {
  let n8n: RunningN8n;
  let out: string;

  beforeAll(async () => {
    n8n = await startN8n({ licensed: false });
    const client = clientFor(n8n);
    await createWorkflows(client, WORKFLOWS);
    await client.post('/credentials', {
      name: 'A key',
      type: 'httpHeaderAuth',
      data: { name: 'X', value: 's3cr3t' },
    });
    await client.close();
    out = join(folder, 'export');
  });
  afterAll(() => n8n.stop());

  function run(...args: string[]): Promise<FlowkeepRun> {
    proxy.requests.length = 0;
    return flowkeep(['--json', ...args], {
      cwd: folder,
      env: {
        N8N_URL: n8n.url,
        N8N_API_KEY: n8n.apiKey,
        FLOWKEEP_STORE: `s3://${BUCKET}/n8n?endpoint=${encodeURIComponent(proxy.endpoint)}&region=us-east-1&forcePathStyle=true`,
        AWS_ACCESS_KEY_ID: rgw.accessKey,
        AWS_SECRET_ACCESS_KEY: rgw.secretKey,
      },
    });
  }

  it('a backup saves a thousand workflows in the first run', async () => {
    const first = await run('backup');
    expect(first.code, first.stderr).toBe(0);
    expect(storeOf(first)).toMatchObject({ status: 'saved' });
    expect(proxy.count('PUT')).toBeGreaterThan(WORKFLOWS);
  });

  it('a backup uploads nothing while nothing changes', async () => {
    const second = await run('backup');
    expect(second.code, second.stderr).toBe(0);
    expect(storeOf(second)).toMatchObject({ status: 'unchanged' });
    expect(proxy.count('PUT')).toBe(0);
  });

  it('a backup uploads at most three objects after one edit', async () => {
    const client = clientFor(n8n);
    const workflow = (await client.get(`/workflows/${workflowId(7)}`)) as JsonObject;
    const { name, nodes, connections } = workflow;
    const edited = objectsIn(nodes).map((node) => ({ ...node, notes: 'edited' }));
    await client.put(`/workflows/${workflowId(7)}`, {
      name: name!,
      nodes: edited,
      connections: connections!,
      settings: {},
    });
    await client.close();
    const third = await run('backup');
    expect(third.code, third.stderr).toBe(0);
    expect(storeOf(third)).toMatchObject({ status: 'saved' });
    expect(proxy.count('PUT')).toBeLessThanOrEqual(3);
  });

  it('verify finds ten flipped bytes, the next backup repairs them, and the bucket is intact again', async () => {
    const keys = await flipTen();
    const damaged = await run('verify');
    expect(damaged.code, damaged.stderr).toBe(5);
    const { damage } = storeOf(damaged) as { damage: { object: string; affects: { item: string }[] }[] };
    expect(damage.map(({ object }) => object).sort()).toEqual(keys.map(objectOfKey).sort());
    for (const { affects } of damage) expect(affects[0]?.item).toMatch(/^workflow /);

    const healing = await run('backup');
    expect(healing.code, healing.stderr).toBe(0);
    expect(storeOf(healing)).toMatchObject({ status: 'unchanged', healing: { lost: [] } });
    expect((storeOf(healing).healing as { healed: string[] }).healed).toHaveLength(10);

    const again = await run('verify', '--all');
    expect(again.code, again.stdout).toBe(0);
    expect(storeOf(again)).toMatchObject({ status: 'intact', damage: [] });
  });

  it('an export of a thousand workflows is one that n8n imports whole into a fresh instance', async () => {
    const exported = await run('export', 'latest', '--out', out, '--format', 'n8n-cli');
    expect(exported.code, exported.stderr).toBe(0);
    await n8n.stop();
    n8n = await startN8n({ licensed: false });
    await n8n.cli(['import:credentials', '--separate', `--input=${join(out, 'credentials')}`]);
    await n8n.cli(['import:workflow', '--separate', `--input=${join(out, 'workflows')}`]);
    const client = clientFor(n8n);
    const ids = await listAll(client, '/workflows', { onPage: () => undefined });
    const edited = objectsIn(((await client.get(`/workflows/${workflowId(7)}`)) as JsonObject).nodes);
    const credentials = (await client.get('/credentials')) as { data: { name: string }[] };
    await client.close();
    expect([...ids].sort()).toEqual(Array.from({ length: WORKFLOWS }, (_, index) => workflowId(index)));
    expect(edited).toHaveLength(15);
    expect(edited.every(({ notes }) => notes === 'edited')).toBe(true);
    expect(credentials.data.map(({ name }) => name)).toEqual(['A key']);
  });
});

/** Flips one byte in the middle of ten objects of workflows, behind the store's back. */
async function flipTen(): Promise<string[]> {
  const listed = await rgw.client.send(
    new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'n8n/objects/', MaxKeys: 400 }),
  );
  const keys = (listed.Contents ?? []).map(({ Key }) => Key ?? '').filter((_, index) => index % 40 === 0);
  for (const Key of keys) {
    const { Body } = await rgw.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    bytes[bytes.length >> 1]! ^= 0xff;
    await rgw.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: bytes }));
  }
  return keys;
}

function objectOfKey(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1, -'.gz'.length);
}

describe('two backups and a prune at the same moment', () => {
  it('two backups and a prune at the same moment lose nothing, fifty times over', async () => {
    await rgw.createBucket('busy');
    await using n8n = await startStandIn({ licensed: false });
    const workflows = Array.from({ length: 30 }, (_, index) =>
      addWorkflow(n8n.state, { id: `w${index}`, name: `Flow ${index}` }),
    );
    // A short grace time, so that garbage is really removed while others save.
    const runtime = { graceMs: 20_000, inline: false };
    const open = () => createS3Store(rgw.storeOptions('busy'), runtime);
    const policy = {
      ...{ keepLast: 4, keepHourly: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 },
      keepWithinMs: 0,
    };
    let removedObjects = 0;
    // Fifty rounds, and on a fast machine as many more as the grace time lasts: no garbage is removed before.
    for (let round = 0; round < 50 || (removedObjects === 0 && round < 500); round++) {
      const edited = workflows[round % workflows.length]!;
      saveDraft(n8n.state, edited, {
        ...draftOf(edited),
        nodes: [{ id: 'n', name: `Round ${round}` }],
      });
      await using one = open();
      await using other = open();
      await using third = open();
      const clock = (aheadMs: number) => ({ ...systemClock, now: () => Date.now() + aheadMs });
      const [first, second, pruned] = await Promise.all([
        takeBackup(n8n, { store: one, purpose: 'safety', clock: clock(round * 4000) }),
        takeBackup(n8n, { store: other, purpose: 'safety', clock: clock(round * 4000 + 2000) }),
        prune({
          targets: [{ store: third, policy, instances: [{ name: 'prod', timezone: 'UTC' }] }],
          dryRun: false,
          clock: systemClock,
          progress: noProgress,
          signal: new AbortController().signal,
        }),
      ]);
      const ids = [first, second].map(({ stores: [outcome] }) => outcome?.status === 'saved' && outcome.snapshot.id);
      expect(ids).not.toContain(false);
      const [garbage] = pruned.stores;
      expect(garbage).toMatchObject({ status: 'pruned' });
      if (garbage?.status === 'pruned') removedObjects += garbage.garbage?.removed ?? 0;
      const listed = (await third.list('prod')).map(({ id }) => id);
      expect(listed).toEqual(expect.arrayContaining(ids));
      const report = await verify({
        instance: 'prod',
        stores: [third],
        selector: { all: true },
        share: 1,
        clock: systemClock,
        progress: noProgress,
        signal: new AbortController().signal,
      });
      expect(report.stores[0]).toMatchObject({ status: 'intact', damage: [] });
    }
    expect(removedObjects).toBeGreaterThan(0);
  });
});

describe('what a user gets wrong', () => {
  async function backupTo(query: string, secret: string): Promise<FlowkeepRun> {
    await using n8n = await startStandIn();
    addWorkflow(n8n.state, { id: 'w1', name: 'One' });
    return flowkeep(['backup'], {
      cwd: folder,
      env: {
        N8N_URL: n8n.url,
        N8N_API_KEY: n8n.apiKey,
        FLOWKEEP_STORE: `s3://${query}&endpoint=${encodeURIComponent(rgw.endpoint)}&forcePathStyle=true`,
        AWS_ACCESS_KEY_ID: rgw.accessKey,
        AWS_SECRET_ACCESS_KEY: secret,
      },
    });
  }

  it('a wrong secret is a clear error with a remedy, and the secret is not in it', async () => {
    const run = await backupTo(`${BUCKET}/wrong?region=us-east-1`, 'not-the-secret');
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/→ /);
    expect(run.stderr).toMatch(/secret|key|credential/i);
    expect(run.stderr + run.stdout).not.toContain('not-the-secret');
  });

  it('a missing bucket is a clear error with a remedy', async () => {
    const run = await backupTo('no-such-bucket/x?region=us-east-1', rgw.secretKey);
    expect([1, 2]).toContain(run.code);
    expect(run.stderr).toMatch(/no-such-bucket/);
    expect(run.stderr).toMatch(/→ /);
  });

  it('a wrong setting saves nothing by halves', async () => {
    const listed = await rgw.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'wrong/' }));
    expect(listed.Contents ?? []).toEqual([]);
  });
});
