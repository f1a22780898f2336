import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../../../src/store/objects/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { runCollisions } from '../../../../support/s3/collision.ts';
import { content, readAll } from '../../../../support/s3/files.ts';
import { S3StandIn } from '../../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../../support/s3/store.ts';

const HOUR = 60 * 60 * 1000;
const GRACE = 24 * HOUR;

let server: S3StandIn;
let store: ObjectStore;
beforeEach(async () => {
  server = await S3StandIn.start();
  store = open();
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const open = (): ObjectStore => createS3Store(server.storeOptions());
const monday = makeDraft({
  takenAt: '2026-11-23T06:00:00Z',
  files: { 'w/a': content('a'), 'w/b': content('b') },
});
const tuesday = makeDraft({
  takenAt: '2026-11-24T06:00:00Z',
  files: { 'w/a': content('a'), 'w/c': content('c') },
});

/** Makes everything that is stored now so much older. */
function age(ms: number): void {
  for (const object of server.objects.values()) object.lastModified -= ms;
}

function objectsOf(seed: string): string[] {
  const hash = makeDraft({ files: { a: content(seed) } }).files.get('a')?.sha256 ?? '';
  return [...server.objects.keys()].filter((key) => key.includes(`/objects/`) && key.includes(hash));
}

describe('collectGarbage', () => {
  it('collectGarbage removes what no snapshot names, once it is older than the grace time', async () => {
    await store.save(monday);
    await store.save(tuesday);
    await store.remove('prod', monday.info.id);
    expect(await store.collectGarbage()).toMatchObject({ examined: 3, unnamed: 0, removed: 0 });
    age(GRACE + HOUR);
    const report = await store.collectGarbage();

    expect(report).toMatchObject({
      examined: 3,
      unnamed: 1,
      tooYoung: 0,
      removed: 1,
      failed: [],
      warnings: [],
    });
    expect(report.removedBytes).toBeGreaterThan(100);
    expect(objectsOf('b')).toEqual([]);
    expect(await readAll(await store.latest('prod'))).toEqual({ 'w/a': content('a'), 'w/c': content('c') });
    expect([...server.objects.keys()].filter((key) => key.includes('/removed/'))).toEqual([]);
  });

  it('collectGarbage only reports what it would remove in a dry run', async () => {
    await store.save(monday);
    await store.remove('prod', monday.info.id);
    age(GRACE + HOUR);
    const before = [...server.objects.keys()];

    expect(await store.collectGarbage({ dryRun: true })).toMatchObject({ unnamed: 2, removed: 2 });
    expect([...server.objects.keys()]).toEqual(before);
  });

  it('collectGarbage leaves what another instance names, and everything that flowkeep did not write', async () => {
    await store.save(monday);
    await store.save(makeDraft({ instance: 'staging', files: { 'w/b': content('b') } }));
    await store.remove('prod', monday.info.id);
    const foreign = { bytes: Buffer.from('x'), etag: '"x"', lastModified: 0 };
    for (const key of ['n8n/objects/readme.txt', 'n8n/objects/aa/photo.gz', 'other/objects/x']) {
      server.objects.set(key, foreign);
    }
    age(GRACE + HOUR);
    await store.collectGarbage();

    expect(objectsOf('a')).toEqual([]);
    expect(objectsOf('b')).toHaveLength(1);
    expect([...server.objects.values()].filter((object) => object === foreign)).toHaveLength(3);
  });

  it('collectGarbage reports what the server does not let go, and goes on', async () => {
    await store.save(monday);
    await store.remove('prod', monday.info.id);
    age(GRACE + HOUR);
    const [locked = ''] = objectsOf('a');
    server.fault = ({ method, key }) =>
      method === 'DELETE' && key === locked ? { status: 403, code: 'AccessDenied' } : null;
    const report = await store.collectGarbage();

    expect(report.removed).toBe(1);
    expect(report.failed).toEqual([
      {
        object: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        reason: expect.stringContaining('s3:DeleteObject') as string,
      },
    ]);
  });

  it('collectGarbage goes over more than 1,000 objects', async () => {
    await store.save(monday);
    const [key = ''] = objectsOf('a');
    const object = server.objects.get(key);
    if (!object) throw new Error('nothing was saved');
    for (let index = 0; index < 1200; index++) {
      const hash = index.toString(16).padStart(64, '0');
      server.objects.set(`n8n/objects/00/${hash}.gz`, { ...object, lastModified: 0 });
    }
    expect(await store.collectGarbage()).toMatchObject({ examined: 1202, removed: 1200 });
  });
});

describe('a save beside a collection', () => {
  it('a save beside a collection uploads an old object that no snapshot names under a name of its own', async () => {
    await store.save(monday);
    await store.remove('prod', monday.info.id);
    age(GRACE + HOUR);
    const [doomed = ''] = objectsOf('b');
    // The collection has listed its garbage, and deletes it while the save is over.
    const { promise: saved, resolve } = Promise.withResolvers<void>();
    server.fault = ({ method }) => (method === 'DELETE' ? { until: saved } : null);
    const collecting = store.collectGarbage();
    while (server.count('DELETE') === 0) await new Promise((next) => setImmediate(next));
    await using other = open();
    await other.save(monday);
    resolve();
    await collecting;

    expect(server.objects.has(doomed)).toBe(false);
    expect(await readAll(await other.latest('prod'))).toEqual({ 'w/a': content('a'), 'w/b': content('b') });
  });

  it('a save beside a collection may rely on the snapshot that it builds on although that is removed meanwhile', async () => {
    await store.save(monday);
    age(2 * GRACE);
    const { promise: collected, resolve } = Promise.withResolvers<void>();
    server.fault = ({ method, key }) =>
      method === 'PUT' && key.includes(tuesday.info.id) ? { until: collected } : null;
    await using other = open();
    const saving = other.save(tuesday);
    while (server.count('PUT') < 5) await new Promise((next) => setImmediate(next));
    await store.remove('prod', monday.info.id);
    await store.collectGarbage();
    resolve();
    await saving;

    expect(await readAll(await store.latest('prod'))).toEqual({ 'w/a': content('a'), 'w/c': content('c') });
  });

  it('a save beside a collection reuses what an interrupted save left behind a moment ago', async () => {
    server.fault = ({ method, key }) =>
      method === 'PUT' && key.includes('/snapshots/') ? { status: 403, code: 'AccessDenied' } : null;
    await expect(store.save(monday)).rejects.toMatchObject({ reason: 'denied' });
    server.fault = () => null;

    expect(await store.save(monday)).toMatchObject({ filesWritten: 0 });
  });

  it('a save beside a collection does not rely on a leftover that is cut off', async () => {
    await store.save(monday);
    await store.remove('prod', monday.info.id);
    const object = server.objects.get(objectsOf('b')[0] ?? '');
    if (object) object.bytes = object.bytes.subarray(0, 40);

    expect(await store.save(monday)).toMatchObject({ filesWritten: 1 });
    expect(await readAll(await store.latest('prod'))).toEqual({ 'w/a': content('a'), 'w/b': content('b') });
  });

  it('a save beside a collection refuses to take longer than half of the grace time', async () => {
    let now = Date.now();
    const clock = { now: () => (now += 13 * HOUR), sleep: async () => {}, random: () => 0 };
    await using slow = createS3Store(server.storeOptions(), { clock });
    await expect(slow.save(monday)).rejects.toMatchObject({
      message: expect.stringContaining('minutes') as string,
    });
    expect(await store.list()).toEqual([]);
  });

  it('a save beside a collection loses nothing in fifty rounds of two saves, a removal and a collection at once', async () => {
    const collected = await runCollisions(50, open, () => age(GRACE + HOUR));
    expect(collected).toBeGreaterThan(100);
  });
});
