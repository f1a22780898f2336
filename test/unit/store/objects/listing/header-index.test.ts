import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prune } from '../../../../../src/jobs/prune/prune.ts';
import { noProgress } from '../../../../../src/lib/progress.ts';
import { systemClock } from '../../../../../src/lib/time.ts';
import type { ObjectStore } from '../../../../../src/store/objects/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { fillWithManifests } from '../../../../support/s3/many-snapshots.ts';
import { S3StandIn } from '../../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../../support/s3/store.ts';

const OPEN = 'n8n/index/prod/open.ndjson.gz';
let server: S3StandIn;
const stores: ObjectStore[] = [];
beforeEach(async () => {
  server = await S3StandIn.start();
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Another process: it remembers nothing. */
function newProcess(): ObjectStore {
  const store = createS3Store(server.storeOptions());
  stores.push(store);
  return store;
}

let hour = 0;
async function save(store = newProcess()): Promise<void> {
  const takenAt = `${new Date(Date.now() + ++hour * 3_600_000).toISOString().slice(0, 19)}Z`;
  await store.save(makeDraft({ takenAt, files: { 'flowkeep.json': `state ${hour}` } }));
}

async function saveTimes(count: number): Promise<void> {
  for (let times = 0; times < count; times++) await save();
}

async function listed(): Promise<unknown> {
  server.calls.length = 0;
  return newProcess().list('prod');
}

function countGets(folder: string): number {
  return server.calls.filter(({ method, key }) => method === 'GET' && key.startsWith(`n8n/${folder}/`)).length;
}

/** Changes the fields of each entry of the open part. */
function forge(change: (fields: Record<string, unknown>) => Record<string, unknown>): void {
  const object = server.objects.get(OPEN)!;
  const [head, ...lines] = gunzipSync(object.bytes).toString().trim().split('\n');
  const forged = lines.map((line) => {
    const [etag, fields] = JSON.parse(line) as [string, Record<string, unknown>];
    return JSON.stringify([etag, change(fields)]);
  });
  object.bytes = gzipSync([head, ...forged, ''].join('\n'));
}

async function pruneAll(): Promise<unknown> {
  const keepAll = { keepLast: 9999, keepHourly: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 };
  return prune({
    targets: [
      {
        store: newProcess(),
        policy: { ...keepAll, keepWithinMs: 0 },
        instances: [{ name: 'prod', timezone: 'UTC' }],
      },
    ],
    dryRun: false,
    clock: systemClock,
    progress: noProgress,
    signal: new AbortController().signal,
  });
}

describe('the index of headers', () => {
  it('lists 1,100 snapshots with a few requests, once saves have made it, and says what the manifests say', async () => {
    fillWithManifests(server, 1100);
    const before = await listed();
    expect(countGets('snapshots')).toBe(1100);

    await saveTimes(2);
    const after = (await listed()) as unknown[];
    expect(after.slice(2)).toEqual(before);
    expect(server.calls.length).toBeLessThanOrEqual(8);
    expect(countGets('snapshots')).toBe(0);

    // However many there are, a save reads one part, and one save of eleven writes it.
    server.calls.length = 0;
    await saveTimes(11);

    const onIndex = server.calls.filter(({ key }) => key.startsWith('n8n/index/'));
    expect(onIndex.filter(({ method }) => method === 'PUT').map(({ key }) => key)).toEqual([OPEN]);
    expect(new Set(onIndex.map(({ key }) => key))).toEqual(new Set([OPEN]));
    await listed();
    expect(countGets('snapshots')).toBe(0);
    expect(server.objects.get(OPEN)!.bytes.length).toBeLessThan(150_000);
  });

  it.each([
    ['removed', () => server.objects.delete(OPEN)],
    ['emptied', () => (server.objects.get(OPEN)!.bytes = Buffer.alloc(0))],
    ['cut', () => (server.objects.get(OPEN)!.bytes = server.objects.get(OPEN)!.bytes.subarray(0, 90))],
    ['flipped', () => (server.objects.get(OPEN)!.bytes[120]! ^= 4)],
    ['of other bytes', () => forge((fields) => ({ ...fields, manifest: 99 }))],
    ["another instance's", () => forge((fields) => ({ ...fields, instance: 'staging', subject: 'lies' }))],
  ])('changes nothing where it is %s, and the next save mends it', async (_name, spoil) => {
    await saveTimes(11);
    const before = await listed();
    expect(countGets('snapshots')).toBe(0);
    spoil();
    expect(await listed()).toEqual(before);
    expect(countGets('snapshots')).toBe(11);

    await save();
    await listed();
    expect(countGets('snapshots')).toBe(0);
  });

  it('says nothing of a manifest with another ETag', async () => {
    await saveTimes(12);
    const key = [...server.objects.keys()].find((each) => each.startsWith('n8n/snapshots/'))!;
    const object = server.objects.get(key)!;
    server.objects.set(key, { ...object, bytes: Buffer.from('gone'), etag: '"of other bytes"' });
    const [last] = ((await listed()) as { subject: string }[]).slice(-1);
    expect(last?.subject).toContain('damaged');
  });

  it('is not believed where a snapshot is opened, where one is removed, and after the next prune', async () => {
    await saveTimes(11);
    const truth = await newProcess().list('prod');
    forge((fields) => ({ ...fields, flags: ['safety'], subject: 'lies' }));
    const store = newProcess();
    const [newest] = await store.list('prod');
    expect(newest?.subject).toBe('lies');
    await expect(store.open('prod', newest!.id)).rejects.toMatchObject({
      reason: 'integrity',
      message: expect.stringContaining('n8n/index/prod/') as string,
    });
    expect(await newProcess().listForRemoval?.('prod')).toEqual(truth);
    await pruneAll();
    expect(await listed()).toEqual(truth);
    expect(countGets('snapshots')).toBe(0);
  });

  it('lacks what another writer entered at the same moment, which is read and entered again later', async () => {
    await saveTimes(11);
    const stale = { ...server.objects.get(OPEN)! };
    await saveTimes(11);
    server.objects.set(OPEN, stale);
    expect(await listed()).toHaveLength(22);
    expect(countGets('snapshots')).toBe(11);
    await save();
    expect(await listed()).toHaveLength(23);
    expect(countGets('snapshots')).toBe(0);
  });

  it('is not made for a few snapshots, which are read as quickly without', async () => {
    await saveTimes(10);
    expect([...server.objects.keys()].filter((key) => key.startsWith('n8n/index/'))).toEqual([]);
    await save();
    expect(server.objects.has(OPEN)).toBe(true);
  });

  it('that cannot be written is a warning of a snapshot that is saved', async () => {
    server.fault = ({ method, key }) =>
      method === 'PUT' && key.startsWith('n8n/index/') ? { status: 403, code: 'AccessDenied' } : null;
    await saveTimes(10);
    const { warnings } = await newProcess().save(makeDraft({ files: { 'flowkeep.json': '{}' } }));
    expect(warnings).toEqual([expect.stringContaining('index')]);
    expect(await newProcess().list('prod')).toHaveLength(11);
  });
});
