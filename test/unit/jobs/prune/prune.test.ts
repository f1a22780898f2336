import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prune, type PruneOptions, type StorePruning } from '../../../../src/jobs/prune/prune.ts';
import { noProgress } from '../../../../src/lib/progress.ts';
import { createGitStore } from '../../../../src/store/git/store.ts';
import type { RetentionPolicy } from '../../../../src/store/retention.ts';
import type { Store } from '../../../../src/store/store.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../support/s3/store.ts';

const KEEP_TWO: RetentionPolicy = {
  keepLast: 2,
  keepHourly: 0,
  keepDaily: 0,
  keepWeekly: 0,
  keepMonthly: 0,
  keepYearly: 0,
  keepWithinMs: 0,
};
const DAY_MS = 24 * 60 * 60 * 1000;

let s3: S3StandIn;
let store: Store;

beforeEach(async () => {
  s3 = await S3StandIn.start();
  store = createS3Store(s3.storeOptions(), { inline: false });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await s3[Symbol.asyncDispose]();
});

/** Five snapshots, a day apart, each with a file of its own; everything in the bucket is two days old. */
async function saveFive(target: Store, instance = 'prod'): Promise<string[]> {
  const ids: string[] = [];
  for (let day = 1; day <= 5; day++) {
    const files = { 'tags.json': `day ${day} of ${instance}`, 'users.json': 'the same every day' };
    const draft = makeDraft({ instance, takenAt: `2026-11-0${day}T10:00:00Z`, files });
    ids.unshift((await target.save(draft)).info.id);
  }
  for (const object of s3.objects.values()) object.lastModified -= 2 * DAY_MS;
  return ids;
}

async function pruneStore(
  options: Partial<PruneOptions> = {},
  policy: RetentionPolicy | null = KEEP_TWO,
): Promise<StorePruning> {
  const report = await prune({
    targets: [{ store, policy, instances: [{ name: 'prod', timezone: 'UTC' }] }],
    dryRun: false,
    clock: { now: () => Date.parse('2026-11-06T00:00:00Z') },
    progress: noProgress,
    signal: new AbortController().signal,
    ...options,
  });
  const [only] = report.stores;
  if (!only) throw new Error('no store was looked at');
  return only;
}

async function idsOf(target: Store, instance = 'prod'): Promise<string[]> {
  return (await target.list(instance)).map(({ id }) => id);
}

describe('prune', () => {
  it('prune removes what no rule keeps, and says for every snapshot what keeps it', async () => {
    const ids = await saveFive(store);
    const pruned = await pruneStore();
    expect(await idsOf(store)).toEqual(ids.slice(0, 2));
    expect(pruned).toMatchObject({ status: 'pruned', failed: [] });
    if (pruned.status !== 'pruned') return;
    expect(pruned.decisions.map(({ keep }) => keep)).toEqual([true, true, false, false, false]);
    expect(pruned.decisions[0]?.reasons).toContain('keepLast 1');
    expect(pruned.removed.map(({ id }) => id)).toEqual(ids.slice(2));
  });

  it('prune frees the objects that no snapshot names once their grace time is over', async () => {
    await saveFive(store);
    await pruneStore();
    // The manifests' copies protect what they name for the grace time after the removal.
    for (const object of s3.objects.values()) object.lastModified -= 2 * DAY_MS;
    const again = await pruneStore();
    expect(again).toMatchObject({ status: 'pruned', removed: [], garbage: { removed: 3, failed: [] } });
    const newest = await store.latest('prod');
    expect(Buffer.from(await newest!.read('tags.json')).toString()).toBe('day 5 of prod');
  });

  it('prune changes nothing with --dry-run', async () => {
    const ids = await saveFive(store);
    s3.calls.length = 0;
    const planned = await pruneStore({ dryRun: true });
    expect(planned).toMatchObject({ status: 'planned', removed: [] });
    expect(s3.count('DELETE') + s3.count('PUT')).toBe(0);
    expect(await idsOf(store)).toEqual(ids);
  });

  it('prune leaves the snapshots of other instances in the same bucket alone', async () => {
    await saveFive(store, 'other');
    await saveFive(store);
    await pruneStore();
    expect(await idsOf(store, 'other')).toHaveLength(5);
    expect(await idsOf(store)).toHaveLength(2);
  });

  it('prune reports what could not be removed, and removes the rest', async () => {
    const ids = await saveFive(store);
    const locked = ids[3] ?? '';
    s3.fault = ({ method, key }) =>
      method === 'DELETE' && key.includes(locked) ? { status: 403, code: 'AccessDenied' } : null;
    const pruned = await pruneStore();
    expect(pruned.status).toBe('partial');
    if (pruned.status !== 'partial') return;
    expect(pruned.failed.map(({ info }) => info.id)).toEqual([locked]);
    expect(await idsOf(store)).toEqual([...ids.slice(0, 2), locked]);
  });

  it.each(['zzz', '20269999T999999Z-x'])('prune goes on where somebody put %s among the snapshots', async (id) => {
    const ids = await saveFive(store);
    const lastModified = Date.parse('2026-11-05T00:00:00Z');
    s3.objects.set(`n8n/snapshots/prod/${id}.ndjson.gz`, { bytes: Buffer.from('{}'), lastModified, etag: '"x"' });
    const everyRule = { keepHourly: 1, keepDaily: 1, keepWeekly: 1, keepMonthly: 1, keepYearly: 1, keepWithinMs: 1 };
    await pruneStore({}, { ...KEEP_TWO, ...everyRule });
    expect((await idsOf(store)).sort()).toEqual([...ids.slice(0, 2), id].sort());
  });

  it('prune removes no object while a manifest cannot be read, but says what it removed', async () => {
    const ids = await saveFive(store);
    const manifest = [...s3.objects].find(([key]) => key.includes('snapshots/') && key.includes(ids[0] ?? '?'));
    manifest![1].bytes[manifest![1].bytes.length - 20]! ^= 1;
    await using fresh = createS3Store(s3.storeOptions(), { inline: false });
    store = fresh;
    const pruned = await pruneStore();
    expect(pruned.status).toBe('partial');
    if (pruned.status !== 'partial') return;
    expect(pruned.removed.length).toBeGreaterThan(0);
    expect(pruned.garbage).toBeNull();
    expect(pruned.garbageError).toBeInstanceOf(Error);
  });

  it('prune keeps everything where no policy is set', async () => {
    await saveFive(store);
    expect(await pruneStore({}, null)).toMatchObject({ status: 'no-policy' });
    expect(await idsOf(store)).toHaveLength(5);
  });

  it('one store that fails does not stop the others', async () => {
    await saveFive(store);
    await using gone = createS3Store({ ...s3.storeOptions(), name: 'gone', bucket: 'missing' });
    const instances = [{ name: 'prod', timezone: 'UTC' }];
    const { stores } = await prune({
      targets: [
        { store: gone, policy: KEEP_TWO, instances },
        { store, policy: KEEP_TWO, instances },
      ],
      dryRun: false,
      clock: { now: Date.now },
      progress: noProgress,
      signal: new AbortController().signal,
    });
    expect(stores.map(({ status }) => status)).toEqual(['failed', 'pruned']);
  });

  it('prune changes nothing in git, whose history is the retention', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flowkeep-prune-'));
    try {
      await using git = createGitStore({
        name: 'repo',
        path: join(folder, 'repo'),
        cacheDir: join(folder, 'cache'),
        env: process.env,
      });
      await saveFive(git);
      store = git;
      expect(await pruneStore()).toMatchObject({ status: 'history' });
      expect(await idsOf(git)).toHaveLength(5);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
