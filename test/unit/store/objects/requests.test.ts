import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeManifest } from '../../../../src/store/objects/manifest.ts';
import type { ObjectStore } from '../../../../src/store/objects/store.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { content, workflows } from '../../../support/s3/files.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../support/s3/store.ts';

let server: S3StandIn;
let store: ObjectStore;
beforeEach(async () => {
  server = await S3StandIn.start();
  store = createS3Store(server.storeOptions());
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const files = { ...workflows(300), 'flowkeep.json': content('header'), 'tags.json': '[]\n' };

describe('requests', () => {
  it('a first save puts each file once, and looks them up by listing', async () => {
    await store.save(makeDraft({ files }));

    expect(server.count('PUT')).toBe(301);
    expect(server.count('HEAD')).toBe(0);
    expect(server.count('GET')).toBe(1);
    expect(server.count('LIST')).toBeLessThanOrEqual(4);
  });

  it('what a backup asks of an unchanged store is one listing and one read', async () => {
    await store.save(makeDraft({ files }));
    await using nextRun = createS3Store(server.storeOptions());
    server.calls.length = 0;
    const latest = await nextRun.latest('prod');
    await latest?.read('flowkeep.json');

    expect(server.calls.map(({ method }) => method)).toEqual(['LIST', 'GET']);
  });

  it('n8n and one listing in a daemon, which has read the manifest before', async () => {
    await store.save(makeDraft({ files }));
    server.calls.length = 0;
    await store.latest('prod');
    await store.latest('prod');

    expect(server.calls.map(({ method }) => method)).toEqual(['LIST', 'LIST']);
  });

  it('after one edit two objects are put: the file and the manifest', async () => {
    await store.save(makeDraft({ files }));
    const edit = { 'workflows/flow-7.json': content('edited'), 'flowkeep.json': content('header 2') };
    await using nextRun = createS3Store(server.storeOptions());
    await nextRun.latest('prod');
    server.calls.length = 0;
    await nextRun.save(makeDraft({ takenAt: '2026-11-24T06:00:00Z', files: { ...files, ...edit } }));

    expect(server.count('PUT')).toBe(2);
    expect(server.calls.length).toBeLessThanOrEqual(8);
  });

  it('a listing reads only the beginning of each manifest, and each only once', async () => {
    for (const day of ['21', '22', '23']) {
      await store.save(makeDraft({ takenAt: `2026-11-${day}T06:00:00Z`, files: workflows(3, day) }));
    }
    server.calls.length = 0;
    await store.list('prod');
    await store.list();

    expect(server.count('LIST')).toBe(2);
    expect(server.count('GET')).toBe(3);
  });
});

describe('over 1,000 snapshots', () => {
  const dayMs = 24 * 60 * 60 * 1000;

  /** The manifests of many snapshots without a file, an hour apart. */
  function fill(count: number, newestAgeMs: number): void {
    const ids = Array.from({ length: count }, (_, index) => {
      const time = new Date(Date.now() - newestAgeMs - (count - 1 - index) * 3_600_000).toISOString();
      return `${time.slice(0, 19).replaceAll(/[-:]/g, '')}Z-00000000`;
    });
    for (const id of ids) {
      const { info, body } = makeDraft({ files: {}, id });
      const bytes = Buffer.from(encodeManifest({ info, body, files: new Map() }));
      const object = { bytes, etag: `"${id}"`, lastModified: Date.now() };
      server.objects.set(`n8n/snapshots/prod/${id}.ndjson.gz`, object);
    }
    server.calls.length = 0;
  }

  it.each([
    ['recent', 0, 2],
    ['none of them recent', 30 * dayMs, 5],
  ])('the newest is found: %s', async (_name, newestAgeMs, maxListings) => {
    fill(2500, newestAgeMs);
    expect(await store.latest('prod')).not.toBeNull();

    const [read] = server.calls.filter(({ method }) => method === 'GET');
    const newest = [...server.objects.keys()]
      .filter((key) => key.includes('/snapshots/'))
      .sort()
      .at(-1);
    expect(read?.key).toBe(newest);
    expect(server.count('LIST')).toBeLessThanOrEqual(maxListings);
  });

  it('all are listed', async () => {
    fill(1100, 0);
    expect(await store.list('prod')).toHaveLength(1100);
  });
});
