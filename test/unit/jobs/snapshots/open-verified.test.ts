import { beforeEach, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../../../../src/lib/hash.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { openVerified } from '../../../../src/jobs/snapshots/open-verified.ts';
import { writeHeader } from '../../../../src/snapshot/format/header.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { snapshotId } from '../../../../src/snapshot/format/snapshot-id.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { MemoryStore } from '../../../support/memory-store.ts';

const signal = new AbortController().signal;
const WORKFLOW = 'workflows/sync.w1.json';
const header = writeHeader({ format: 1, instance: 'prod', n8nVersion: null, kinds: {} });
const filesWith = (workflow: string) => ({
  'flowkeep.json': header,
  [WORKFLOW]: workflow,
  'workflows/other.w2.json': '{"id":"w2"}\n',
});

/** Saves a snapshot with one content under the digest and id of another: what an edit in place leaves. */
async function save(store: MemoryStore, takenAt: string, saved: string, edited = saved): Promise<string> {
  const digest = digestOf(makeDraft({ files: filesWith(saved) }).files);
  const id = snapshotId(takenAt, digest);
  await store.save(makeDraft({ takenAt, id, digest, files: filesWith(edited) }));
  return id;
}

const SUNDAY = '2026-11-22T06:00:00Z';
const MONDAY = '2026-11-23T06:00:00Z';

let first: MemoryStore;
let second: MemoryStore;
beforeEach(async () => {
  first = new MemoryStore('first');
  second = new MemoryStore('second');
  await save(first, SUNDAY, 'as it was');
});

const open = (stores: MemoryStore[], allowUnverified?: boolean, logger = silentLogger) =>
  openVerified(stores, 'prod', 'latest', { clock: systemClock, allowUnverified, logger, signal });

describe('opening a snapshot for its content', () => {
  it('a snapshot that is what was saved is opened without a word', async () => {
    const id = await save(first, MONDAY, 'as it was');
    expect(await open([first])).toMatchObject({ store: { name: 'first' }, snapshot: { id }, unverified: [] });
  });

  it('an altered snapshot is refused with exit code 5, the edited file by name, and a way on', async () => {
    const id = await save(first, MONDAY, 'as it was', 'evil');
    await expect(open([first])).rejects.toMatchObject({
      code: 'unverified',
      exitCode: 5,
      message:
        `snapshot ${id} in store first was altered: its files are not those that were saved: ` +
        `edited since it was saved: ${WORKFLOW}`,
      remedy: expect.stringMatching(/flowkeep verify .*--store.*--allow-unverified/) as string,
    });
  });

  it('an altered snapshot is opened on demand, and says what it is', async () => {
    const id = await save(first, MONDAY, 'as it was', 'evil');
    const { snapshot, unverified } = await open([first], true);
    expect(Buffer.from(await snapshot.read(WORKFLOW)).toString()).toBe('evil');
    expect(unverified).toEqual([expect.stringContaining(`${id} in store first was altered`)]);
  });

  it('a snapshot whose digest was made to fit is refused for its id', async () => {
    const digest = digestOf(makeDraft({ files: filesWith('evil') }).files);
    const id = snapshotId(MONDAY, 'f'.repeat(64));
    await first.save(makeDraft({ takenAt: MONDAY, id, digest, files: filesWith('evil') }));
    await expect(open([first])).rejects.toMatchObject({
      code: 'unverified',
      message: expect.stringMatching(/altered: its id and its digest are not of the same/) as string,
    });
  });

  it('a snapshot without a digest is refused as one that nothing proves', async () => {
    await first.save(makeDraft({ takenAt: MONDAY, digest: null, files: filesWith('evil') }));
    await expect(open([first])).rejects.toMatchObject({
      code: 'unverified',
      message: expect.stringMatching(/not known to be what flowkeep saved: it has no digest/) as string,
    });
  });

  it('the intact copy of another store is used instead of an altered one, and that is said', async () => {
    await save(first, MONDAY, 'as it was', 'evil');
    const id = await save(second, MONDAY, 'as it was');
    const warn = vi.fn();
    const { store, snapshot, unverified } = await open([first, second], true, { ...silentLogger, warn });

    expect(store.name).toBe('second');
    expect(Buffer.from(await snapshot.read(WORKFLOW)).toString()).toBe('as it was');
    expect(unverified).toEqual([]);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      { store: 'first' },
      expect.stringMatching(new RegExp(`${id} in store first was altered.*; store second is used`)),
    );
  });

  it('a snapshot that is altered in each of its stores is refused for each', async () => {
    await save(first, MONDAY, 'as it was', 'evil');
    await save(second, MONDAY, 'as it was', 'worse');
    await expect(open([first, second])).rejects.toThrow(/store first was altered.*\n.*store second was altered/);
  });

  describe('where a copy is damaged', () => {
    const damaged = (what = 'manifest') => new StoreError('integrity', `${what} is damaged`);
    /** The store whose manifest is damaged, or of which a file is. */
    const unopened = (store: MemoryStore) => vi.spyOn(store, 'open').mockRejectedValue(damaged());
    const unread = (store: MemoryStore) => {
      const open = store.open.bind(store);
      vi.spyOn(store, 'open').mockImplementation(async (...args) => ({
        ...(await open(...args)),
        authenticate: () => Promise.reject(damaged('a file')),
      }));
    };

    it('the intact copy of another store is used, and the damage is said', async () => {
      const id = await save(first, MONDAY, 'as it was');
      await save(second, MONDAY, 'as it was');
      unopened(first);
      const warn = vi.fn();

      expect(await open([first, second], false, { ...silentLogger, warn })).toMatchObject({
        store: { name: 'second' },
        unverified: [],
      });
      expect(warn).toHaveBeenCalledExactlyOnceWith(
        { store: 'first' },
        `snapshot ${id} in store first is damaged: manifest is damaged; store second is used`,
      );
    });

    it('a header that cannot be used is passed over, too', async () => {
      const id = await save(second, MONDAY, 'as it was');
      const files = { ...filesWith('as it was'), 'flowkeep.json': '{' };
      await first.save(makeDraft({ takenAt: MONDAY, id, files }));
      expect(await open([first, second])).toMatchObject({ store: { name: 'second' } });
    });

    it('the first damage is thrown where no copy is left, on demand as well', async () => {
      await save(first, MONDAY, 'as it was');
      await save(second, MONDAY, 'as it was');
      unopened(first);
      unopened(second).mockRejectedValue(damaged('pack'));
      await expect(open([first, second])).rejects.toMatchObject({
        code: 'store-integrity',
        message: 'manifest is damaged',
      });
      await expect(open([first, second], true)).rejects.toThrow('manifest is damaged');
    });

    it('an altered copy that can be read is used on demand, before a damaged one', async () => {
      await save(first, MONDAY, 'as it was');
      await save(second, MONDAY, 'as it was', 'evil');
      unread(first);
      const { store, unverified } = await open([first, second], true);
      expect(store.name).toBe('second');
      expect(unverified).toEqual([expect.stringContaining('store second was altered')]);
      await expect(open([first, second])).rejects.toThrow(
        /store first is damaged: a file.*\n.*store second was altered/,
      );
      expect(await open([first], true)).toMatchObject({ store: { name: 'first' } });
    });
  });
});
