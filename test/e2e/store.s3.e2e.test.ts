import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/lib/secrets/secret.ts';
import { encodeManifest } from '../../src/store/objects/manifest.ts';
import { createS3Bucket } from '../../src/store/objects/buckets/s3.ts';
import { forEachParallel } from '../../src/store/objects/parallel.ts';
import type { ObjectStore } from '../../src/store/objects/store.ts';
import { describeBucketContract } from '../contract/bucket.suite.ts';
import { describeStoreContract } from '../contract/store.suite.ts';
import { makeDraft } from '../support/drafts.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { runCollisions } from '../support/s3/collision.ts';
import { content, readAll, workflows } from '../support/s3/files.ts';
import { startRgw, type RunningRgw } from '../support/s3/rgw.ts';
import { createS3Store, type S3StoreOptions, type S3StoreRuntime } from '../support/s3/store.ts';

const HOUR = 60 * 60 * 1000;

let rgw: RunningRgw;
beforeAll(async () => {
  rgw = await startRgw();
});
afterAll(() => rgw?.[Symbol.asyncDispose]());

let buckets = 0;
async function newBucket(locked = false): Promise<string> {
  const bucket = `bucket-${++buckets}`;
  await rgw.createBucket(bucket, { locked });
  return bucket;
}

for (const inline of [true, false]) {
  describeStoreContract(inline ? 's3 on Ceph' : 's3 on Ceph, every file an object', async () => {
    const bucket = await newBucket();
    return {
      open: async () => createS3Store(rgw.storeOptions(bucket), { inline }),
      async [Symbol.asyncDispose]() {},
    };
  });
}

describeBucketContract('s3 on Ceph', async () => {
  const bucket = await newBucket();
  return {
    open: () => createS3Bucket(rgw.storeOptions(bucket)),
    async [Symbol.asyncDispose]() {},
  };
});

const files = workflows(20);
const draft = makeDraft({ files });

/** A store on a bucket of its own, or on the one that is named. */
async function openStore(changes: Partial<S3StoreOptions> = {}, runtime: S3StoreRuntime = {}): Promise<ObjectStore> {
  return createS3Store(rgw.storeOptions(changes.bucket ?? (await newBucket()), changes), runtime);
}

describe('on a real S3 server', () => {
  it('a wrong secret is reported with a remedy', async () => {
    await using store = await openStore({ secretAccessKey: new Secret('wrong') });
    for (const attempt of [() => store.check(), () => store.save(draft), () => store.list()]) {
      await expect(attempt()).rejects.toMatchObject({
        reason: 'denied',
        message: expect.stringContaining('SignatureDoesNotMatch') as string,
        remedy: expect.stringContaining('secretAccessKey') as string,
      });
    }
  });

  it('an unknown access key is reported with a remedy', async () => {
    await using store = await openStore({ accessKeyId: new Secret('nobody') });
    await expect(store.check()).rejects.toMatchObject({
      reason: 'denied',
      message: expect.stringContaining('InvalidAccessKeyId') as string,
    });
  });

  it('a missing bucket is reported with a remedy', async () => {
    await using store = await openStore({ bucket: 'no-such-bucket' });
    for (const attempt of [() => store.check(), () => store.save(draft), () => store.latest('prod')]) {
      await expect(attempt()).rejects.toMatchObject({
        reason: 'not-found',
        exitCode: 2,
        remedy: expect.stringContaining('Create the bucket') as string,
      });
    }
  });

  it('a bucket of somebody else is reported with the missing right', async () => {
    await rgw.admin(
      'user',
      'create',
      '--uid=guest',
      '--display-name=guest',
      '--access-key=guest',
      '--secret-key=guestsecret',
    );
    const bucket = await newBucket();
    await using store = await openStore({
      bucket,
      accessKeyId: new Secret('guest'),
      secretAccessKey: new Secret('guestsecret'),
    });
    await expect(store.check()).rejects.toMatchObject({
      reason: 'denied',
      remedy: expect.stringContaining(`s3:ListBucket on ${bucket}`) as string,
    });
  });

  it('a full quota is reported, shows nothing, and leaves what was there', async () => {
    const keys = ['--access-key=small', '--secret-key=smallsecret'];
    await rgw.admin('user', 'create', '--uid=small', '--display-name=small', ...keys);
    await rgw.admin('quota', 'set', '--uid=small', '--quota-scope=user', '--max-objects=8');
    await rgw.admin('quota', 'enable', '--uid=small', '--quota-scope=user');
    const owner = { accessKeyId: new Secret('small'), secretAccessKey: new Secret('smallsecret') };
    await rgw.createBucket('small', { owner: ['small', 'smallsecret'] });
    await using store = await openStore({ bucket: 'small', ...owner }, { concurrency: 1 });
    const small = makeDraft({ takenAt: '2026-11-22T06:00:00Z', files: workflows(2) });
    await store.save(small);

    await expect(store.save(draft)).rejects.toMatchObject({
      reason: 'full',
      remedy: expect.stringContaining('quota') as string,
    });
    expect(await store.list()).toEqual([small.info]);
    expect(await readAll(await store.latest('prod'))).toEqual(workflows(2));
  });

  it('over 1,000 objects and snapshots are all found, collected and listed', async () => {
    const bucket = await newBucket();
    await using store = await openStore({ bucket }, { graceMs: HOUR });
    const many = makeDraft({ files: workflows(1200) });
    await store.save(many);
    await using again = await openStore({ bucket });
    await store.remove('prod', many.info.id);
    expect(await again.save(many), 'found by listing').toMatchObject({ filesWritten: 0 });
    await store.remove('prod', many.info.id);

    const report = await store.collectGarbage({ now: Date.now() + 2 * HOUR });
    expect(report).toMatchObject({ examined: 1200, removed: 1200, failed: [] });
    const manifest = (index: number): Uint8Array =>
      encodeManifest({ ...makeDraft({ takenAt: secondsAgo(index), files: {} }), files: new Map() });
    await forEachParallel(Array(1100).keys(), 16, async (index) => {
      const { id } = makeDraft({ takenAt: secondsAgo(index), files: {} }).info;
      const Key = `n8n/snapshots/prod/${id}.ndjson.gz`;
      await rgw.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: manifest(index) }));
    });
    expect(await store.list('prod')).toHaveLength(1100);
    expect((await again.latest('prod'))?.info.takenAt).toBe(secondsAgo(0));
  });

  it('ten saves of one instance at the same moment are all listed and whole', async () => {
    const bucket = await newBucket();
    const drafts = Array.from({ length: 10 }, (_, index) =>
      makeDraft({
        takenAt: secondsAgo(index),
        files: { ...files, 'workflows/own.json': content(`${index}`) },
      }),
    );
    const stores = await Promise.all(drafts.map(() => openStore({ bucket })));
    await Promise.all(stores.map((store, index) => store.save(drafts[index] ?? draft)));

    const [reader = await openStore({ bucket })] = stores;
    expect(await reader.list()).toEqual(drafts.map(({ info }) => info));
    for (const [index, { info }] of drafts.entries()) {
      const read = await readAll(await reader.open('prod', info.id));
      expect(read).toEqual({ ...files, 'workflows/own.json': content(`${index}`) });
    }
    for (const store of stores) await store[Symbol.asyncDispose]();
  });

  it('ten writers of one snapshot id with different content have one winner', async () => {
    const bucket = await newBucket();
    const stores = await Promise.all(Array.from({ length: 10 }, () => openStore({ bucket })));
    const tries = stores.map((store, index) => store.save(makeDraft({ id: draft.info.id, files: { a: `${index}` } })));
    const results = await Promise.allSettled(tries);

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ reason: 'conflict' });
    }
    for (const store of stores) await store[Symbol.asyncDispose]();
  });

  it('encryption with a KMS key, a storage class, no prefix and checksums only when required work', async () => {
    await using store = await openStore({
      prefix: '',
      sse: 'aws:kms',
      kmsKeyId: 'testkey-1',
      storageClass: 'STANDARD',
      checksums: 'when-required',
    });
    await store.save(draft);
    expect(await readAll(await store.latest('prod'))).toEqual(files);

    const bucket = `bucket-${buckets}`;
    const listed = await rgw.client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'objects/' }));
    const object = await rgw.client.send(new GetObjectCommand({ Bucket: bucket, Key: listed.Contents?.[0]?.Key }));
    expect(object.ServerSideEncryption).toBe('aws:kms');
    await object.Body?.transformToByteArray();
  });

  it('a bucket with object lock keeps old versions, and the collection says so', async () => {
    const bucket = await newBucket(true);
    await using store = await openStore({ bucket }, { graceMs: HOUR });
    await store.save(draft);
    await store.remove('prod', draft.info.id);
    const report = await store.collectGarbage({ now: Date.now() + 2 * HOUR });

    expect(await store.list()).toEqual([]);
    expect(report.removed).toBe(20);
    expect(report.warnings).toEqual([expect.stringContaining('20 removed objects as older versions')]);
  });

  it('a damaged object is reported and repaired', async () => {
    await using store = await openStore();
    await store.save(draft);
    const snapshot = await store.open('prod', draft.info.id);
    const object = snapshot.objectOf?.('workflows/flow-3.json') ?? '';
    const Key = `n8n/objects/${object.slice(0, 2)}/${object}.gz`;
    await rgw.client.send(new PutObjectCommand({ Bucket: `bucket-${buckets}`, Key, Body: 'damaged' }));

    await expect(snapshot.read('workflows/flow-3.json')).rejects.toMatchObject({
      reason: 'integrity',
      message: expect.stringContaining(Key) as string,
    });
    await store.markDamaged([object]);
    expect(await store.repair(draft.files)).toEqual([object]);
    expect(await readAll(snapshot)).toEqual(files);
  });

  it('fifty rounds of two saves, a removal and a collection at once lose nothing', async () => {
    const bucket = await newBucket();
    // Times in a listing are whole seconds, so the grace time is a few of them; objects grow old as the rounds go on.
    const open = (): ObjectStore => createS3Store(rgw.storeOptions(bucket), { graceMs: 3000 });
    const collected = await runCollisions(50, open, () => undefined);
    expect(collected).toBeGreaterThan(10);
  });
});

describe('a clock that is off', () => {
  afterEach(() => vi.useRealTimers());

  it.each([-3, 3])('a clock that is off by %d hours is reported with a remedy, and nothing is saved', async (hours) => {
    const bucket = await newBucket();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * HOUR });
    await using store = await openStore({ bucket });
    await expect(store.save(draft)).rejects.toMatchObject({
      message: expect.stringContaining(`180 minutes ${hours < 0 ? 'behind' : 'ahead'}`) as string,
      remedy: expect.stringContaining('NTP') as string,
    });
    await expect(store.check()).rejects.toMatchObject({ remedy: expect.stringContaining('NTP') as string });
    vi.useRealTimers();
    const listed = await rgw.client.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(listed.KeyCount).toBe(0);
  });
});

describe('an outage', () => {
  const quick: S3StoreRuntime = { timeoutMs: 500, maxAttempts: 2 };

  it.each([
    ['a connection cut in the middle of an upload', { up: { cutAfter: 20_000 } }],
    ['a line that goes silent in the middle of an upload', { up: { stallAfter: 20_000 } }],
    ['a line that goes silent in the middle of an answer', { down: { stallAfter: 100 } }],
  ])('%s shows nothing half-saved, and the next save works', async (_name, faults) => {
    await using proxy = await startFaultProxy(rgw.port);
    await using store = await openStore({ endpoint: `http://127.0.0.1:${proxy.port}` }, { ...quick, concurrency: 2 });
    await store.check();
    const large = makeDraft({
      files: {
        ...files,
        'workflows/large.json': Array.from({ length: 100 }, (_, n) => content(`${n}`)).join(''),
      },
    });
    proxy.set(faults);
    await expect(store.save(large)).rejects.toMatchObject({ reason: 'unreachable' });
    proxy.set({});
    expect(await store.list()).toEqual([]);
    await store.save(large);
    expect(Object.keys(await readAll(await store.latest('prod')))).toHaveLength(21);
  });

  // Killed last: for half a minute the cluster waits for the gateway that is gone before it creates a bucket.
  it.each(['paused', 'down'] as const)(
    '(%s) is reported, shows nothing half-saved, and the next save works',
    async (state) => {
      const before = makeDraft({ takenAt: '2026-11-22T06:00:00Z', files: workflows(1) });
      await using store = await openStore({}, quick);
      await store.save(before);
      await rgw.switchTo(state);
      for (const attempt of [() => store.save(draft), () => store.list(), () => store.check()]) {
        await expect(attempt()).rejects.toMatchObject({ reason: 'unreachable' });
      }
      await rgw.switchTo('up');
      expect(await store.list()).toEqual([before.info]);
      await store.save(draft);
      expect(await readAll(await store.latest('prod'))).toEqual(files);
    },
  );
});

const TODAY = Date.now();

function secondsAgo(seconds: number): string {
  return `${new Date(TODAY - seconds * 1000).toISOString().slice(0, 19)}Z`;
}
