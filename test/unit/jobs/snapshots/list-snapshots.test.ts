import { beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { listSnapshots } from '../../../../src/jobs/snapshots/list-snapshots.ts';
import { openSnapshot } from '../../../../src/jobs/snapshots/open-snapshot.ts';
import { openVerified } from '../../../../src/jobs/snapshots/open-verified.ts';
import { digestOf } from '../../../../src/lib/hash.ts';
import { snapshotId } from '../../../../src/snapshot/format/snapshot-id.ts';
import { writeHeader } from '../../../../src/snapshot/format/header.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { UNREADABLE_FORMAT } from '../../../../src/store/store.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { MemoryStore } from '../../../support/memory-store.ts';

const signal = new AbortController().signal;
const SUNDAY = '2026-11-22T06:00:00Z';
const MONDAY = '2026-11-23T06:00:00Z';
const down = (name: string) => new StoreError('unreachable', `store ${name} is down`, { remedy: `Mend ${name}.` });
const files = { 'flowkeep.json': writeHeader({ format: 1, instance: 'prod', n8nVersion: null, kinds: {} }) };

let near: MemoryStore;
let far: MemoryStore;
beforeEach(() => {
  near = new MemoryStore('near');
  far = new MemoryStore('far');
});

async function save(takenAt: string, ...stores: MemoryStore[]): Promise<string> {
  const digest = digestOf(makeDraft({ files }).files);
  const id = snapshotId(takenAt, digest);
  for (const store of stores) await store.save(makeDraft({ takenAt, id, digest, files }));
  return id;
}

const failList = (store: MemoryStore) => vi.spyOn(store, 'list').mockRejectedValue(down(store.name));
const failOpen = (store: MemoryStore) => vi.spyOn(store, 'open').mockRejectedValue(down(store.name));
const both = (selector = 'latest') =>
  openVerified([near, far], 'prod', selector, { clock: systemClock, logger: silentLogger, signal });

describe('listing several stores', () => {
  it('each snapshot is listed once, with the stores that hold it', async () => {
    const [old, fresh] = [await save(SUNDAY, near, far), await save(MONDAY, far)];
    expect(await listSnapshots([near, far], 'prod', { clock: systemClock, signal })).toMatchObject({
      snapshots: [
        { info: { id: fresh }, stores: ['far'] },
        { info: { id: old }, stores: ['near', 'far'] },
      ],
      unasked: [],
    });
  });

  it('a store that is down is told of, and the other one is listed', async () => {
    const id = await save(SUNDAY, near, far);
    failList(near);
    const { snapshots, unasked } = await listSnapshots([near, far], 'prod', { clock: systemClock, signal });
    expect(snapshots).toMatchObject([{ info: { id }, stores: ['far'] }]);
    expect(unasked).toMatchObject([{ store: 'near', error: { code: 'store-unreachable' } }]);
  });

  it('where none answers, the error names each', async () => {
    failList(near);
    failList(far);
    await expect(listSnapshots([near, far], 'prod', { clock: systemClock, signal })).rejects.toMatchObject({
      code: 'store-unreachable',
      message: 'store near is down\nstore far is down',
      remedy: 'Mend near.',
    });
    await expect(listSnapshots([far], 'prod', { clock: systemClock, signal })).rejects.toThrow(/^store far is down$/);
  });

  it('what a damaged copy does not say of itself is told by another one', async () => {
    await save(SUNDAY, near, far);
    const list = near.list.bind(near);
    vi.spyOn(near, 'list').mockImplementation(async (...args) =>
      (await list(...args)).map((info) => ({ ...info, format: UNREADABLE_FORMAT, subject: 'unreadable' })),
    );
    const { snapshots } = await listSnapshots([near, far], 'prod', { clock: systemClock, signal });
    expect(snapshots).toMatchObject([{ info: { format: 1 }, stores: ['near', 'far'] }]);
  });
});

describe('opening where a store is down', () => {
  it('one that goes down after it was listed is passed over', async () => {
    await save(SUNDAY, near, far);
    failOpen(near);
    const found = { store: { name: 'far' }, unasked: [{ store: 'near' }] };
    expect(await both()).toMatchObject(found);
    expect(
      await openSnapshot([near, far], 'prod', 'latest', { clock: systemClock, logger: silentLogger, signal }),
    ).toMatchObject(found);
    failOpen(far);
    await expect(both()).rejects.toThrow('store near is down');
  });

  it('what is not found may be in the store that is down: its error counts', async () => {
    await save(SUNDAY, near);
    failList(far);
    await expect(both('20300101')).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /no snapshot "20300101"\nstore far could not be asked: store far is down\. It/,
      ) as string,
      remedy: 'Mend far.',
    });
  });

  it('the start of several ids stays a question of usage', async () => {
    await save('2026-11-22T06:00:00Z', near);
    await save('2026-11-22T07:00:00Z', near);
    failList(far);
    await expect(both('20261122')).rejects.toMatchObject({ exitCode: 2, remedy: 'Give more of the id.' });
  });
});
