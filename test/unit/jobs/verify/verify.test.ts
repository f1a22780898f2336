import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verify, type VerifiedStore, type VerifyOptions } from '../../../../src/jobs/verify/verify.ts';
import { noProgress } from '../../../../src/lib/progress.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import { createGitStore } from '../../../../src/store/git/store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { takeBackup } from '../../../support/backup.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';
import { createS3Store } from '../../../support/s3/store.ts';

let n8n: StandIn;
let s3: S3StandIn;
let store: Store;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  s3 = await S3StandIn.start();
  store = createS3Store(s3.storeOptions(), { inline: false });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await s3[Symbol.asyncDispose]();
  await n8n.stop();
});

function node(name: string, parameters: object = {}, type = 'n8n-nodes-base.noOp'): object {
  return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters };
}

function addWorkflows(count: number): void {
  for (let index = 0; index < count; index++)
    addWorkflow(n8n.state, {
      id: `w${index}`,
      name: `Flow ${index}`,
      nodes: [node(`Step ${index}`)] as never,
    });
}

async function verifyStore(options: Partial<VerifyOptions> = {}): Promise<VerifiedStore> {
  const report = await verify({
    instance: 'prod',
    stores: [store],
    selector: 'latest',
    share: 1,
    clock: systemClock,
    progress: noProgress,
    signal: new AbortController().signal,
    ...options,
  });
  const [only] = report.stores;
  if (!only || 'error' in only) throw new Error('the store was not verified', { cause: only?.error });
  return only;
}

/** Flips one bit in the middle of the objects of so many workflows and returns their names. */
async function flip(count: number): Promise<string[]> {
  const latest = await store.latest('prod');
  const paths = [...(latest?.files.keys() ?? [])].filter((path) => path.startsWith('workflows/'));
  const objects = paths.slice(0, count).map((path) => latest?.objectOf?.(path) ?? '?');
  const keys = [...s3.objects.keys()].filter((key) => objects.some((object) => key.includes(object)));
  for (const key of keys) {
    const { bytes } = s3.objects.get(key)!;
    bytes[bytes.length >> 1]! ^= 1;
  }
  return objects;
}

describe('verify', () => {
  it('verify finds nothing wrong in what was just saved', async () => {
    addWorkflows(30);
    n8n.addGeneratedTable({ name: 'Rows', rows: 1500 });
    await takeBackup(n8n, { store });
    const found = await verifyStore();
    expect(found).toMatchObject({ status: 'intact', damage: [], filesSkipped: 0 });
    expect(found.dangling).toEqual([]);
    expect(found.filesRead).toBeGreaterThan(30);
  });

  it('verify names every damaged object with the items that it affects, and goes on to the end', async () => {
    addWorkflows(40);
    await takeBackup(n8n, { store });
    const flipped = await flip(10);
    const found = await verifyStore();
    expect(found.status).toBe('damaged');
    expect(found.damage.map(({ object }) => object).sort()).toEqual(flipped.sort());
    for (const { affects } of found.damage) expect(affects[0]?.path).toBeTruthy();
    const items = found.damage.flatMap(({ affects }) => affects.map(({ item }) => item));
    expect(items.some((item) => /^workflow flow-\d+ \(w\d+\)$/.test(item ?? ''))).toBe(true);
  });

  it('verify names the snapshots that share a damaged object, also those that were not asked for', async () => {
    addWorkflows(3);
    await takeBackup(n8n, { store, clock: { ...systemClock, now: () => Date.now() - 60_000 } });
    addWorkflow(n8n.state, { id: 'new', name: 'New' });
    await takeBackup(n8n, { store });
    const object = (await store.latest('prod'))?.objectOf?.('workflows/flow-1.w1.json');
    s3.objects.delete([...s3.objects.keys()].find((key) => key.includes(object ?? '?'))!);
    const found = await verifyStore();
    expect(found.damage).toHaveLength(1);
    expect(found.damage[0]?.affects.map(({ snapshot }) => snapshot).sort()).toEqual(
      (await store.list('prod')).map(({ id }) => id).sort(),
    );
  });

  it('verify reads an object that many snapshots share once', async () => {
    addWorkflows(20);
    await takeBackup(n8n, { store, clock: { ...systemClock, now: () => Date.now() - 60_000 } });
    addWorkflow(n8n.state, { id: 'new', name: 'New' });
    await takeBackup(n8n, { store });
    s3.calls.length = 0;
    const found = await verifyStore({ selector: { all: true } });
    expect(found.snapshots).toHaveLength(2);
    const read = s3.calls.filter(({ method, key }) => method === 'GET' && key.includes('objects/'));
    expect(read.length).toBe(new Set(read.map(({ key }) => key)).size);
    expect(found.filesRead).toBe(read.length);
  });

  it('verify reads about the share that was asked for', async () => {
    addWorkflows(200);
    await takeBackup(n8n, { store });
    const found = await verifyStore({ share: 0.1 });
    expect(found.filesRead).toBeGreaterThan(8);
    expect(found.filesRead).toBeLessThan(60);
    expect(found.filesRead + found.filesSkipped).toBeGreaterThan(200);
    expect(found.status).toBe('intact');
  });

  it('verify lists references that lead nowhere, without calling them damage', async () => {
    const call = node(
      'Call',
      { workflowId: { __rl: true, mode: 'list', value: 'gone' } },
      'n8n-nodes-base.executeWorkflow',
    );
    const fine = node(
      'Fine',
      { workflowId: { __rl: true, mode: 'list', value: 'b' } },
      'n8n-nodes-base.executeWorkflow',
    );
    addWorkflow(n8n.state, { id: 'a', name: 'Caller', nodes: [call, fine] as never });
    addWorkflow(n8n.state, { id: 'b', name: 'Callee', settings: { errorWorkflow: 'nowhere' } });
    await takeBackup(n8n, { store });
    const found = await verifyStore();
    expect(found.status).toBe('intact');
    expect(found.dangling.map(({ from, node: at, to }) => [from.id, at, to.kind, to.id]).sort()).toEqual([
      ['a', 'Call', 'workflows', 'gone'],
      ['b', null, 'workflows', 'nowhere'],
    ]);
  });

  it('verify reports a damaged manifest, and the next backup saves a whole snapshot again', async () => {
    addWorkflows(3);
    await takeBackup(n8n, { store, clock: { ...systemClock, now: () => Date.now() - 60_000 } });
    const manifest = [...s3.objects.values()][[...s3.objects.keys()].findIndex((key) => key.includes('snapshots/'))]!;
    manifest.bytes[manifest.bytes.length - 20]! ^= 1;
    // As another process: this one remembers what it wrote.
    await using fresh = createS3Store(s3.storeOptions(), { inline: false });
    store = fresh;
    expect((await verifyStore()).status).toBe('damaged');
    const { stores } = await takeBackup(n8n, { store: fresh });
    expect(stores[0]).toMatchObject({ status: 'saved' });
    expect((await verifyStore()).status).toBe('intact');
    expect((await verifyStore({ selector: { all: true } })).damage).toHaveLength(1);
  });
});

describe('healing', () => {
  it('repair uploads again what verify found damaged, although nothing changed', async () => {
    addWorkflows(40);
    await takeBackup(n8n, { store });
    await flip(10);
    await verifyStore();
    const healing = await takeBackup(n8n, { store });
    expect(healing.stores[0]).toMatchObject({ status: 'unchanged', healing: { lost: [] } });
    expect(healing.stores[0]).toHaveProperty('healing.healed.length', 10);
    expect((await verifyStore()).status).toBe('intact');
  });

  it('repair costs a healthy store no upload', async () => {
    addWorkflows(5);
    await takeBackup(n8n, { store });
    s3.calls.length = 0;
    const { stores } = await takeBackup(n8n, { store });
    expect(stores[0]).toMatchObject({ status: 'unchanged', healing: { healed: [], lost: [] } });
    expect(s3.count('PUT')).toBe(0);
  });

  it('repair says what n8n cannot give back any more', async () => {
    addWorkflows(2);
    await takeBackup(n8n, { store, clock: { ...systemClock, now: () => Date.now() - 60_000 } });
    const object = (await store.latest('prod'))?.objectOf?.('workflows/flow-1.w1.json');
    s3.objects.delete([...s3.objects.keys()].find((key) => key.includes(object ?? '?'))!);
    n8n.state.workflows.delete('w1');
    await verifyStore();
    const { stores } = await takeBackup(n8n, { store });
    expect(stores[0]).toMatchObject({ status: 'saved', healing: { healed: [], lost: [object] } });
    expect((await verifyStore()).status).toBe('intact');
  });

  it('a backup of workflows with descriptions is taken although the base is damaged', async () => {
    const workflow = addWorkflow(n8n.state, { id: 'd', name: 'Described' });
    workflow.description = 'what it is for';
    await takeBackup(n8n, { store });
    const object = (await store.latest('prod'))?.objectOf?.('workflows/described.d.json');
    s3.objects.delete([...s3.objects.keys()].find((key) => key.includes(object ?? '?'))!);
    await verifyStore();
    const { header, stores } = await takeBackup(n8n, { store });
    expect(header.kinds.workflows?.coverage).toBe('complete');
    expect(stores[0]).toMatchObject({ status: 'unchanged', healing: { healed: [object] } });
    expect((await verifyStore()).status).toBe('intact');
  });
});

describe('verify of a git store', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowkeep-verify-'));
    store = createGitStore({
      name: 'repo',
      path: join(folder, 'repo'),
      cacheDir: join(folder, 'cache'),
      env: process.env,
    });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function git(...args: string[]): string {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost'];
    return execFileSync('git', ['-C', join(folder, 'repo'), ...identity, ...args], { encoding: 'utf8' });
  }

  it('verify of a git store finds nothing wrong in what was just saved', async () => {
    addWorkflows(5);
    await takeBackup(n8n, { store });
    expect(await verifyStore()).toMatchObject({ status: 'intact', damage: [] });
  });

  it('verify of a git store names the file of a snapshot whose commit was edited afterwards', async () => {
    addWorkflows(5);
    await takeBackup(n8n, { store, clock: { ...systemClock, now: () => Date.now() - 60_000 } });
    addWorkflow(n8n.state, { id: 'new', name: 'New' });
    await takeBackup(n8n, { store });
    const path = 'prod/workflows/flow-3.w3.json';
    const file = join(folder, 'repo', path);
    writeFileSync(file, readFileSync(file, 'utf8').replace('Step 3', 'Evil'));
    git('add', path);
    git('commit', '--amend', '--no-edit', '--quiet');
    const found = await verifyStore();
    expect(found.status).toBe('damaged');
    expect(found.damage).toHaveLength(1);
    expect(found.damage[0]?.problem).toMatch(/edited since it was saved.*workflows\/flow-3\.w3\.json/);
  });
});
