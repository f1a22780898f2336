import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../../src/store/objects/store.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { firstTimes, type Fault, type S3Call } from '../../../support/s3/faults.ts';
import { readAll, workflows } from '../../../support/s3/files.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../support/s3/store.ts';

let server: S3StandIn;
let store: ObjectStore;
beforeEach(async () => {
  server = await S3StandIn.start();
  store = createS3Store(server.storeOptions(), { timeoutMs: 300, maxAttempts: 3 });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const draft = makeDraft({ files: workflows(5) });
const isUpload = ({ method, key }: S3Call): boolean => method === 'PUT' && key.includes('/objects/');
const isManifest = ({ method, key }: S3Call): boolean => method === 'PUT' && key.includes('/snapshots/');
const isListing = ({ method }: S3Call): boolean => method === 'LIST';
const SIGN_IN = '<!DOCTYPE html><html><body><form></form></body></html>';
const isDownload = ({ method, key }: S3Call): boolean => method === 'GET' && key.includes('/objects/');

describe('a save survives', () => {
  it.each<[string, (call: S3Call) => boolean, Fault]>([
    ['a 500 on an upload', isUpload, { status: 500 }],
    ['a 503 on the manifest', isManifest, { status: 503, code: 'ServiceUnavailable' }],
    ['a connection cut in the middle of an upload', isUpload, { cutUpload: true }],
    ['a connection cut in the middle of the manifest', isManifest, { cutUpload: true }],
    ['a silent server', isUpload, { silent: true }],
    ['a lost answer to an upload', isUpload, { loseAnswer: true }],
    ['a lost answer to the manifest, which makes the second try fail', isManifest, { loseAnswer: true }],
    ['a write of the same key at the same moment', isManifest, { status: 409, code: 'ConditionalRequestConflict' }],
    ['a 500 on a listing', isListing, { status: 500 }],
    ['a sign-in page in place of a listing', isListing, { page: SIGN_IN }],
    ['an empty answer in place of a listing', isListing, { page: '' }],
    ['half a listing', isListing, { page: '<ListBucketResult><KeyCount>1</KeyCount><Conten' }],
    [
      'a listing that lacks what it counts',
      isListing,
      { page: '<ListBucketResult><KeyCount>1</KeyCount></ListBucketResult>' },
    ],
    ['a sign-in page in place of an upload', isUpload, { page: SIGN_IN }],
    ['a sign-in page in place of the manifest', isManifest, { page: SIGN_IN }],
    ['a sign-in page in place of a look at an object', ({ method }) => method === 'HEAD', { page: SIGN_IN }],
  ])('a save survives %s', async (_name, matches, fault) => {
    server.fault = firstTimes(1, matches, fault);
    await store.save(draft);

    expect(await store.list()).toEqual([draft.info]);
    expect(await readAll(await store.latest('prod'))).toEqual(workflows(5));
  });
});

describe('reading survives', () => {
  it.each<[string, number, Fault]>([
    ['a body that breaks off', 2, { truncateBy: 10 }],
    ['a 500', 1, { status: 500 }],
    ['a lost answer', 1, { loseAnswer: true }],
    ['a sign-in page', 1, { page: SIGN_IN }],
  ])('reading survives %s', async (_name, times, fault) => {
    await store.save(draft);
    server.fault = firstTimes(times, isDownload, fault);

    expect(await readAll(await store.open('prod', draft.info.id))).toEqual(workflows(5));
  });

  it('reading survives a bit that flips on the way', async () => {
    await store.save(draft);
    const snapshot = await store.open('prod', draft.info.id);
    const [key = '', object] = [...server.objects].find(([each]) => each.includes('/objects/')) ?? [];
    const whole = Buffer.from(object?.bytes ?? []);
    server.fault = (call) => {
      // Spoiled for the first read alone.
      if (call.key === key) {
        const reads = server.calls.filter((each) => each.key === key && each.method === 'GET').length;
        if (object) object.bytes = reads === 1 ? flipped(whole) : whole;
      }
      return null;
    };

    expect(await readAll(snapshot)).toEqual(workflows(5));
  });
});

describe('a network that wants a sign-in first', () => {
  it('a network that wants a sign-in first never looks like an empty store, in which everything would be garbage', async () => {
    await store.save(draft);
    const objects = server.objects.size;
    server.fault = () => ({ page: SIGN_IN });
    const attempts = [
      store.list(),
      store.latest('prod'),
      store.save(makeDraft({ takenAt: '2026-11-24T06:00:00Z', files: workflows(2) })),
      store.collectGarbage({ graceMs: 0 }),
    ];
    for (const attempt of await Promise.allSettled(attempts))
      expect(attempt).toMatchObject({
        status: 'rejected',
        reason: { reason: 'format', remedy: expect.any(String) as string },
      });
    expect(server.objects.size).toBe(objects);
  });

  it('a network that wants a sign-in first never looks like an empty store while it answers only some requests', async () => {
    await store.save(draft);
    const objects = server.objects.size;
    server.fault = (call) => (isListing(call) && call.key.includes('/snapshots/') ? { page: '' } : null);
    await expect(store.collectGarbage({ graceMs: 0 })).rejects.toMatchObject({ reason: 'format' });
    expect(server.objects.size).toBe(objects);
  });
});

describe('a save that fails', () => {
  it.each<[string, (call: S3Call) => boolean, Fault, string]>([
    ['because the server does not come back', isUpload, { status: 500 }, 'unreachable'],
    ['because the server stays silent', isUpload, { silent: true }, 'unreachable'],
    ['because every upload is cut', isUpload, { cutUpload: true }, 'unreachable'],
    ['because the manifest is refused', isManifest, { status: 403, code: 'AccessDenied' }, 'denied'],
    ['because the quota is used up', isUpload, { status: 403, code: 'QuotaExceeded' }, 'full'],
  ])('%s shows nothing, and the next one works', async (_name, matches, fault, reason) => {
    const before = makeDraft({ takenAt: '2026-11-22T06:00:00Z', files: workflows(1) });
    await store.save(before);
    server.fault = (call) => (matches(call) ? fault : null);
    await expect(store.save(draft)).rejects.toMatchObject({ name: 'StoreError', reason });

    server.fault = () => null;
    expect(await store.list()).toEqual([before.info]);
    await store.save(draft);
    expect(await readAll(await store.latest('prod'))).toEqual(workflows(5));
  });

  it('a save that fails because one key is forbidden names the right and the place', async () => {
    const [first] = [...draft.files.values()];
    server.fault = ({ method, key }) =>
      method === 'PUT' && key.includes(first?.sha256 ?? '') ? { status: 403, code: 'AccessDenied' } : null;

    await expect(store.save(draft)).rejects.toMatchObject({
      reason: 'denied',
      message: expect.stringContaining(`s3:PutObject on n8n/objects/${first?.sha256.slice(0, 2)}`) as string,
      remedy: expect.stringContaining('backups/n8n/objects/') as string,
    });
    expect(await store.list()).toEqual([]);
  });
});

describe('damage', () => {
  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['a flipped bit', flipped],
    ['a missing end', (bytes) => bytes.subarray(0, -5)],
    ['nothing left', () => Buffer.alloc(0)],
    ['something else', () => Buffer.from('<html>')],
    ['far more than was saved', (bytes) => Buffer.concat([bytes, Buffer.alloc(100_000)])],
  ])('damage of an object by %s is reported with its key and the file', async (_name, spoil) => {
    await store.save(draft);
    const [path = '', file] = [...draft.files][0] ?? [];
    const key = [...server.objects.keys()].find((each) => each.includes(file?.sha256 ?? '')) ?? '';
    const object = server.objects.get(key);
    if (object) object.bytes = spoil(object.bytes);
    const snapshot = await store.open('prod', draft.info.id);

    const failure = await snapshot.read(path).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: 'integrity', exitCode: 5 });
    expect((failure as Error).message).toContain(key);
    expect((failure as Error).message).toContain(path);
  });

  it('damage of a manifest hides no snapshot, and the next save is whole', async () => {
    await store.save(draft);
    const [key = ''] = [...server.objects.keys()].filter((each) => each.includes('/snapshots/'));
    const object = server.objects.get(key);
    // Within the header, which is all that a listing reads of a manifest.
    if (object) object.bytes = flipped(object.bytes, 40);
    const next = makeDraft({ takenAt: '2026-11-24T06:00:00Z', files: workflows(5) });

    await using reader = createS3Store(server.storeOptions());
    expect(await reader.list()).toMatchObject([{ id: draft.info.id, takenAt: draft.info.takenAt, flags: ['partial'] }]);
    await expect(reader.open('prod', draft.info.id)).rejects.toMatchObject({ reason: 'integrity' });
    await expect(reader.collectGarbage()).rejects.toMatchObject({ reason: 'integrity' });
    const { warnings } = await reader.save(next);
    expect(warnings).toHaveLength(1);
    expect(await readAll(await reader.latest('prod'))).toEqual(workflows(5));
  });
});

/** One bit in the middle is another. */
function flipped(bytes: Buffer, at = bytes.length >> 1): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
