import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_FILE_BYTES } from '../../../../src/lib/limits.ts';
import { MAX_MANIFEST_BYTES } from '../../../../src/store/objects/manifest.ts';
import type { ObjectStore } from '../../../../src/store/objects/store.ts';
import { putTampered, type TamperedManifest } from '../../../support/hostile/tampered-bucket.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../support/s3/store.ts';

/** Manifests that somebody with write access to the bucket put there: every hash in them fits. */
type Hostile = readonly [what: string, says: RegExp, tamper: Partial<TamperedManifest>];

const hash = 'a'.repeat(64);
const withLine = (line: string): Partial<TamperedManifest> => ({
  lines: (lines) => [...lines, line],
  header: (header) => ({ ...header, files: Number(header.files) + 1 }),
});
const withHeader = (changes: Record<string, unknown>): Partial<TamperedManifest> => ({
  header: (header) => ({ ...header, ...changes }),
});

const HOSTILE: readonly Hostile[] = [
  ['a hash that is a path', /entry .*\.\.\/.* is not a file/, withLine('["x.json","../../other/secret",5]')],
  ['a generation that is a path', /is not a file/, withLine(`["x.json","${hash}",5,{"generation":"/../../x"}]`)],
  ['a size of more than any file', /is not a file/, withLine(`["x.json","${hash}",${MAX_FILE_BYTES + 1}]`)],
  ['a size below zero', /is not a file/, withLine(`["x.json","${hash}",-1]`)],
  ['a size that is no number', /is not a file/, withLine(`["x.json","${hash}","5"]`)],
  ['a size beyond any number', /is not a file/, withLine(`["x.json","${hash}",1e999]`)],
  ['a path that is no text', /is not a file/, withLine(`[{"toString":1},"${hash}",5]`)],
  ['an empty path', /is not a file/, withLine(`["","${hash}",5]`)],
  ['content that is no base64', /is not a file/, withLine(`["x.json","${hash}",5,{"base64":"%%"}]`)],
  ['a line that is no list', /is not a file/, withLine('{"__proto__":{"polluted":1}}')],
  ['a line that is no JSON', /bytes are not what was saved/, withLine('[')],
  ['a path that occurs twice', /entry "flowkeep.json" occurs twice/, withLine(`["flowkeep.json","${hash}",5]`)],
  ['more files than it counts', /has more than the 1 files/, withHeader({ files: 1 })],
  ['fewer files than it counts', /has 2 of the 900 files/, withHeader({ files: 900 })],
  ['a million line breaks', /bytes are not what was saved/, { lines: () => ['\n'.repeat(1_000_000)] }],
  ['the id of another snapshot', /belongs to another snapshot/, withHeader({ id: '20200101T000000Z-00000000' })],
  ['the name of another instance', /belongs to another snapshot.*other /, withHeader({ instance: 'other' })],
  ['an instance that is a path', /belongs to another snapshot.*\.\./, withHeader({ instance: '../..' })],
  ['a time that is none', /its header is invalid/, withHeader({ takenAt: 'soon' })],
  ['flags that are no list', /its header is invalid/, withHeader({ flags: 'shrunk' })],
  ['a subject that is no text', /its header is invalid/, withHeader({ subject: { a: 1 } })],
  ['a count that is no number', /its header is invalid/, withHeader({ files: '2' })],
];

let s3: S3StandIn;
let store: ObjectStore;
beforeEach(async () => {
  s3 = await S3StandIn.start();
  store = createS3Store(s3.storeOptions());
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await s3[Symbol.asyncDispose]();
});

const files = new Map([
  ['flowkeep.json', Buffer.from('{}')],
  ['tags.json', Buffer.from('[]')],
]);

function put(tamper: Partial<TamperedManifest>): string {
  return putTampered(s3, { instance: 'prod', files, takenAt: '2026-11-21T00:00:00Z', ...tamper });
}

describe('a manifest with', () => {
  it.each(HOSTILE)('%s is refused, and listed as damaged', async (_what, says, tamper) => {
    const id = put(tamper);
    const refusal = { reason: 'integrity', exitCode: 5, message: expect.stringMatching(says) as string };
    await expect(store.open('prod', id)).rejects.toMatchObject(refusal);
    await expect(store.latest('prod')).rejects.toMatchObject(refusal);
    // Listed under the names of its place; what it says of itself is believed only as far as the header goes.
    expect(await store.list()).toMatchObject([{ id, instance: 'prod' }]);
  });

  it('nothing wrong is opened', async () => {
    const snapshot = await store.open('prod', put({}));
    expect(Buffer.from(await snapshot.read('tags.json')).toString()).toBe('[]');
  });
});

describe('a manifest under an id that somebody made up', () => {
  it.each(['zzz', '20269999T999999Z-x'])('%s is listed with the time it was put there', async (id) => {
    const lastModified = Date.parse('2026-11-21T08:00:00Z');
    s3.objects.set(`n8n/snapshots/prod/${id}.ndjson.gz`, { bytes: Buffer.from('{}'), lastModified, etag: '"x"' });
    expect(await store.list('prod')).toMatchObject([{ id, format: 0, takenAt: '2026-11-21T08:00:00Z' }]);
  });
});

describe('a bomb', () => {
  it('a bomb in the place of a manifest is refused before it is unpacked', async () => {
    s3.objects.set('n8n/snapshots/prod/20261121T000000Z-00000000.ndjson.gz', {
      bytes: gzipSync(Buffer.alloc(MAX_MANIFEST_BYTES + 1)),
      lastModified: 0,
      etag: '"x"',
    });
    await expect(store.latest('prod')).rejects.toMatchObject({ reason: 'integrity' });
    expect(await store.list('prod')).toMatchObject([{ flags: ['partial'], format: 0 }]);
  });

  it('a bomb in the place of an object is refused at the size that the manifest names', async () => {
    const id = put({
      object: (path, content) => (path === 'tags.json' ? gzipSync(Buffer.alloc(2 ** 20)) : gzipSync(content)),
    });
    const snapshot = await store.open('prod', id);
    await expect(snapshot.read('tags.json')).rejects.toMatchObject({
      reason: 'integrity',
      message: expect.stringContaining('tags.json') as string,
    });
  });
});
