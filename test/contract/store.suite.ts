import { createCipheriv } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InterruptedError } from '../../src/lib/errors.ts';
import type { StoreErrorCode } from '../../src/store/errors.ts';
import type { Store, StoredSnapshot } from '../../src/store/store.ts';
import { draftFile, interceptRead, makeDraft } from '../support/drafts.ts';

/** A place that is empty at first, and stores on it. */
export interface StoreHarness extends AsyncDisposable {
  /**
   * A store on this place. Called again, it gives what another process would have: a second store on the same place.
   */
  open(): Promise<Store>;
}

/**
 * Runs everything that src/store/store.ts promises against one driver.
 * @param isWhole false leaves out what a snapshot holds and how it is read, which a driver shares with another that has
 *   all of it: every test over the network of a git remote takes about a second
 */
export function describeStoreContract(
  name: string,
  createHarness: () => Promise<StoreHarness>,
  { isWhole = true }: { readonly isWhole?: boolean } = {},
): void {
  const describeContent = isWhole ? describe : (): void => undefined;
  describe(`store contract: ${name}`, () => {
    let harness: StoreHarness;
    let store: Store;
    const opened: Store[] = [];
    const another = async (): Promise<Store> => {
      const other = await harness.open();
      opened.push(other);
      return other;
    };

    beforeEach(async () => {
      harness = await createHarness();
      store = await another();
    });
    afterEach(async () => {
      for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
      await harness[Symbol.asyncDispose]();
    });

    describe('an empty store', () => {
      it('an empty store lists nothing, has no latest snapshot and no document', async () => {
        expect(await store.list()).toEqual([]);
        expect(await store.list('prod')).toEqual([]);
        expect(await store.latest('prod')).toBeNull();
        expect(await store.readDocument('prod/identity.json')).toBeNull();
      });

      it('an empty store passes the check, before and after the first snapshot', async () => {
        await store.check();
        await store.save(monday);
        await store.check();
      });

      it('an empty store answers not-found to a snapshot that is not there', async () => {
        await expectReason('not-found', store.open('prod', monday.info.id));
        await store.save(monday);
        await expectReason('not-found', store.open('prod', '20200101T000000Z-00000000'));
        await expectReason('not-found', store.open('staging', monday.info.id));
      });

      it('an empty store says where it is', () => {
        expect(store.location).not.toBe('');
        expect(store.name).not.toBe('');
      });
    });

    describe('saving and reading', () => {
      it('a store gives back what was saved, to another store on the same place too', async () => {
        const result = await store.save(monday);

        expect(result.info).toEqual(monday.info);
        expect(result).toMatchObject({ filesWritten: 3, bytesWritten: 14, warnings: [] });
        for (const reader of [store, await another()]) {
          expect(await reader.list()).toEqual([monday.info]);
          expect(await contentOf(await reader.open('prod', monday.info.id))).toEqual(mondayFiles);
          expect(await contentOf(await reader.latest('prod'))).toEqual(mondayFiles);
        }
      });

      it('a store keeps every field of the header', async () => {
        const info = {
          subject: 'prod: 2 workflows changed: Käse & "quotes" 🧀',
          n8nVersion: null,
          flags: ['partial', 'shrunk', 'safety'] as const,
          format: 7,
        };
        const draft = makeDraft({ ...info, files: { a: 'a' }, body: 'changed:\n  Invoice sync\n' });
        await store.save(draft);

        expect(await store.list('prod')).toEqual([draft.info]);
        expect((await store.latest('prod'))?.info).toEqual(draft.info);
        expect((await store.open('prod', draft.info.id)).info).toEqual(draft.info);
      });

      it('a store lists newest first and opens the newest as the latest', async () => {
        await saveAll(store, monday, tuesday, wednesday);

        expect(idsOf(await store.list('prod'))).toEqual(idsOf([wednesday.info, tuesday.info, monday.info]));
        expect((await store.latest('prod'))?.info).toEqual(wednesday.info);
      });

      it('a store goes by what was saved after what, whatever times the snapshots claim', async () => {
        const ahead = makeDraft({ takenAt: '2027-12-31T12:00:00Z', files: { 'a.json': 'ahead' } });
        const behind = makeDraft({ takenAt: '2019-01-01T12:00:00Z', files: { 'a.json': 'behind' } });
        const further = makeDraft({ takenAt: '2018-01-01T12:00:00Z', files: { 'a.json': 'further behind' } });
        const order = [monday, ahead, tuesday, wednesday, behind, further, wide];
        for (const [index, draft] of order.entries()) {
          await store.save(draft);
          const expected = order.slice(0, index + 1).reverse();
          for (const reader of [store, await another()]) {
            expect(idsOf(await reader.list('prod'))).toEqual(idsOf(expected.map(({ info }) => info)));
            expect((await reader.latest('prod'))?.info).toEqual(draft.info);
          }
        }
        for (const { info } of order) expect((await store.open('prod', info.id)).info).toEqual(info);
      });

      it('a store keeps older snapshots as they were', async () => {
        await saveAll(store, monday, tuesday);

        expect(await contentOf(await store.open('prod', monday.info.id))).toEqual(mondayFiles);
        const newer = await store.open('prod', tuesday.info.id);
        expect(await contentOf(newer)).toEqual({ ...mondayFiles, 'b.json': 'changed' });
      });

      it('a store gives files in path order with their sizes', async () => {
        await store.save(monday);
        const snapshot = await store.open('prod', monday.info.id);

        expect([...snapshot.files].map(([path, { size }]) => [path, size])).toEqual([
          ['a.json', 5],
          ['b.json', 4],
          ['workflows/c.1.json', 5],
        ]);
      });

      it('a store leaves out a file that the new snapshot no longer has', async () => {
        await saveAll(store, monday, wednesday);

        expect(await contentOf(await store.latest('prod'))).toEqual({ 'a.json': 'alpha' });
      });

      it('a store writes only what is new, and says how much', async () => {
        await store.save(monday);
        expect(await store.save(tuesday)).toMatchObject({ filesWritten: 1, bytesWritten: 7 });
      });

      it('a store moves a file without writing its content again', async () => {
        await store.save(monday);
        const { 'a.json': content, ...rest } = mondayFiles;
        const renamed = makeDraft({ takenAt: TUESDAY, files: { ...rest, 'renamed.json': content } });

        expect(await store.save(renamed)).toMatchObject({ filesWritten: 0, bytesWritten: 0 });
        expect(await contentOf(await store.latest('prod'))).toEqual({ ...rest, 'renamed.json': content });
      });

      it('a store saves the same snapshot twice without writing anything', async () => {
        await store.save(monday);

        expect(await store.save(monday)).toMatchObject({ filesWritten: 0, bytesWritten: 0 });
        expect(await (await another()).save(monday)).toMatchObject({ filesWritten: 0, bytesWritten: 0 });
        expect(await store.list()).toHaveLength(1);
      });

      it('a store refuses an id that is there with other content', async () => {
        await store.save(monday);
        await expectReason('conflict', store.save(makeDraft({ id: monday.info.id, files: { x: 'other' } })));
        expect(await contentOf(await store.latest('prod'))).toEqual(mondayFiles);
      });

      it('a store saves a snapshot with the content of an older one, under its own id', async () => {
        const again = makeDraft({ takenAt: THURSDAY, files: mondayFiles });
        await saveAll(store, monday, tuesday, again);

        expect(await store.list()).toHaveLength(3);
        expect(await contentOf(await store.latest('prod'))).toEqual(mondayFiles);
      });

      it('a store saves a snapshot without files', async () => {
        const empty = makeDraft({ takenAt: TUESDAY, files: {} });
        await saveAll(store, monday, empty);

        expect((await store.latest('prod'))?.info).toEqual(empty.info);
        expect((await store.latest('prod'))?.files.size).toBe(0);
      });
    });

    describeContent('opened snapshots', () => {
      let snapshot: StoredSnapshot;
      beforeEach(async () => {
        await store.save(monday);
        snapshot = await store.open('prod', monday.info.id);
      });

      it('opened snapshots tell whether a file has these bytes', () => {
        expect(snapshot.matches('a.json', Buffer.from('alpha'))).toBe(true);
        expect(snapshot.matches('a.json', Buffer.from('alphA'))).toBe(false);
        expect(snapshot.matches('a.json', Buffer.from('beta'))).toBe(false);
        expect(snapshot.matches('missing.json', Buffer.from(''))).toBe(false);
      });

      it('opened snapshots answer not-found to a path that is not there', async () => {
        await expectReason('not-found', snapshot.read('missing.json'));
        await expectReason('not-found', snapshot.read('workflows'));
        await expectReason('not-found', snapshot.read('../flowkeep.json'));
        await expectReason('not-found', snapshot.read('__proto__'));
      });

      it('opened snapshots read many files, and the same one twice', async () => {
        const paths = ['workflows/c.1.json', 'a.json', 'a.json'];
        const read: string[] = [];
        for await (const [path, content] of snapshot.readMany(paths))
          read.push(`${path}=${Buffer.from(content).toString()}`);

        expect(read.sort()).toEqual(['a.json=alpha', 'a.json=alpha', 'workflows/c.1.json=gamma']);
      });

      it('refuse many files where one is missing, before giving any', async () => {
        const given: string[] = [];
        const readAll = async (): Promise<void> => {
          for await (const [path] of snapshot.readMany(['a.json', 'missing.json'])) given.push(path);
        };

        await expectReason('not-found', readAll());
        expect(given).toEqual([]);
      });

      it('opened snapshots can be read in part', async () => {
        for await (const [path] of snapshot.readMany(snapshot.files.keys())) {
          expect(path).toBeTypeOf('string');
          break;
        }
        expect(Buffer.from(await snapshot.read('b.json')).toString()).toBe('beta');
      });

      it('opened snapshots stay readable after newer ones were saved', async () => {
        await saveAll(store, tuesday, wednesday);
        expect(await contentOf(snapshot)).toEqual(mondayFiles);
      });

      it('stop reading when aborted', async () => {
        await expect(snapshot.read('a.json', AbortSignal.abort())).rejects.toBeInstanceOf(InterruptedError);
      });
    });

    describeContent('the question whether a snapshot is what flowkeep saved', () => {
      it('a store says of what was saved that it is that, to another store on the same place too', async () => {
        await saveAll(store, monday, tuesday);
        for (const reader of [store, await another()]) {
          for (const { info } of [monday, tuesday])
            expect(await (await reader.open('prod', info.id)).authenticate()).toEqual({ state: 'verified' });
        }
      });

      it('a plain store says of files that its digest was not made of that they were altered', async () => {
        const draft = makeDraft({ files: mondayFiles, digest: tuesday.info.digest });
        await store.save(draft);
        if (store.conceals) return;
        expect(await (await store.open('prod', draft.info.id)).authenticate()).toEqual({
          state: 'altered',
          reasons: [expect.stringContaining('not those that were saved')],
        });
      });

      it('a plain store says of a snapshot without a digest that nothing proves it', async () => {
        const draft = makeDraft({ files: mondayFiles, digest: null });
        await store.save(draft);
        if (store.conceals) return;
        const snapshot = await store.open('prod', draft.info.id);
        expect(await snapshot.authenticate()).toMatchObject({ state: 'unauthenticated' });
      });

      it('a store that is told that files were not read leaves what depends on all of them out of the answer', async () => {
        await store.save(monday);
        const snapshot = await store.open('prod', monday.info.id);
        const unread = new Map([...snapshot.files.keys()].map((path) => [path, null]));
        expect(await snapshot.authenticate(undefined, unread)).toEqual({ state: 'verified' });
      });
    });

    describe('several instances', () => {
      const staging = makeDraft({ instance: 'prod-eu', takenAt: TUESDAY, files: { 'a.json': 'staging' } });

      it('several instances live side by side, also where one name begins with the other', async () => {
        await saveAll(store, monday, staging);

        expect(await store.list('prod')).toEqual([monday.info]);
        expect(await store.list('prod-eu')).toEqual([staging.info]);
        expect(await store.list()).toEqual([staging.info, monday.info]);
        expect(await store.list('pro')).toEqual([]);
        expect(await contentOf(await store.latest('prod'))).toEqual(mondayFiles);
        expect(await contentOf(await store.latest('prod-eu'))).toEqual({ 'a.json': 'staging' });
      });

      it('several instances may take the very same snapshot at the same moment', async () => {
        const twin = makeDraft({ instance: 'prod-eu', takenAt: MONDAY, files: mondayFiles });
        await saveAll(store, monday, twin);

        expect(twin.info.id).toBe(monday.info.id);
        expect(await store.list()).toHaveLength(2);
        expect((await store.open('prod-eu', twin.info.id)).info).toEqual(twin.info);
      });
    });

    describeContent('content', () => {
      it('content may have any safe name', async () => {
        const files = Object.fromEntries(ODD_NAMES.map((path, index) => [path, `content ${index}`]));
        const draft = makeDraft({ files });
        await store.save(draft);

        expect(await contentOf(await (await another()).open('prod', draft.info.id))).toEqual(files);
      });

      it('content may be empty, binary, or several megabytes', async () => {
        const large = pseudoRandomBytes(5 * 1024 * 1024);
        const binary = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
        const files = { empty: '', 'large.bin': large, 'binary.bin': binary, 'crlf.txt': 'a\r\nb\n\n' };
        const draft = makeDraft({ files });
        await store.save(draft);

        const snapshot = await store.open('prod', draft.info.id);
        expect(snapshot.files.get('empty')?.size).toBe(0);
        expect(snapshot.files.get('large.bin')?.size).toBe(large.length);
        for (const [path, content] of Object.entries(files)) {
          expect(Buffer.from(content).equals(await snapshot.read(path)), path).toBe(true);
          expect(snapshot.matches(path, Buffer.from(content)), path).toBe(true);
        }
      });

      it('content may be 1,500 files', async () => {
        const names = Array.from({ length: 1500 }, (_, index) => `workflows/flow-${index}.json`);
        const files = Object.fromEntries(names.map((path) => [path, `{"path":"${path}"}\n`]));
        const draft = makeDraft({ files });

        expect(await store.save(draft)).toMatchObject({ filesWritten: 1500 });
        expect(await contentOf(await store.latest('prod'))).toEqual(files);
        const edited = makeDraft({ takenAt: TUESDAY, files: { ...files, 'workflows/flow-700.json': '{}' } });
        expect(await store.save(edited)).toMatchObject({ filesWritten: 1, bytesWritten: 2 });
      });
    });

    describe('removing', () => {
      it('removing takes a snapshot out of the listing, or says that history stays', async () => {
        await saveAll(store, monday, tuesday);
        if (store.retention === 'history') {
          await expectReason('unsupported', store.remove('prod', monday.info.id));
          expect(await store.list()).toHaveLength(2);
          return;
        }
        await store.remove('prod', monday.info.id);
        await store.remove('prod', monday.info.id);
        await store.remove('prod', '20200101T000000Z-00000000');

        expect(await store.list()).toEqual([tuesday.info]);
        await expectReason('not-found', store.open('prod', monday.info.id));
        expect(await contentOf(await store.latest('prod'))).toEqual({ ...mondayFiles, 'b.json': 'changed' });
      });
    });

    describe('documents', () => {
      const name = 'prod/identity.json';

      it('documents are written, read, replaced and removed', async () => {
        const first = await store.writeDocument(name, Buffer.from('one'), null);
        expect(await textOf(store, name)).toEqual({ text: 'one', version: first });
        const second = await store.writeDocument(name, Buffer.from('two'), first);
        expect(await textOf(await another(), name)).toEqual({ text: 'two', version: second });
        await store.removeDocument(name, second);
        expect(await (await another()).readDocument(name)).toBeNull();
      });

      it('documents can be written again after they were removed', async () => {
        const first = await store.writeDocument(name, Buffer.from('one'), null);
        await store.removeDocument(name, first);
        await expectReason('conflict', store.writeDocument(name, Buffer.from('two'), first));
        const again = await store.writeDocument(name, Buffer.from('one'), null);

        expect(again).not.toBe(first);
        expect(await textOf(store, name)).toEqual({ text: 'one', version: again });
      });

      it('refuse a writer that did not see the newest version', async () => {
        await expectReason('conflict', store.writeDocument(name, Buffer.from('x'), await foreignVersion(store)));
        const first = await store.writeDocument(name, Buffer.from('one'), null);
        await expectReason('conflict', store.writeDocument(name, Buffer.from('x'), null));
        const second = await store.writeDocument(name, Buffer.from('two'), first);
        await expectReason('conflict', (await another()).writeDocument(name, Buffer.from('x'), first));
        await expectReason('conflict', store.removeDocument(name, first));

        expect(await textOf(store, name)).toEqual({ text: 'two', version: second });
      });

      it('documents count as removed where they are already gone', async () => {
        const version = await store.writeDocument(name, Buffer.from('one'), null);
        await store.removeDocument(name, version);
        await store.removeDocument(name, version);
        await store.removeDocument('prod/never-there.json', version);
      });

      it('documents have any name and any bytes, apart from each other and from snapshots', async () => {
        const names = ['lock', 'prod', 'prod/lock', 'Prod/lock', 'a b/ü..json', `${'long/'.repeat(40)}end.lock`];
        for (const each of names) await store.writeDocument(each, Buffer.from(`\0${each}\r\n`), null);
        await store.writeDocument('empty', new Uint8Array(), null);

        for (const each of names) expect((await textOf(store, each)).text).toBe(`\0${each}\r\n`);
        expect((await textOf(store, 'empty')).text).toBe('');
        expect(await store.list()).toEqual([]);
        expect(await store.latest('prod')).toBeNull();
      });

      it('documents have exactly one winner in a ten-way race', async () => {
        const stores = await Promise.all(Array.from({ length: 10 }, another));
        const race = async (expected: string | null): Promise<string[]> => {
          const tries = stores.map((each) => each.writeDocument(name, Buffer.from('mine'), expected));
          const results = await Promise.allSettled(tries);
          for (const result of results)
            if (result.status === 'rejected') expect(result.reason).toMatchObject({ reason: 'conflict' });
          return results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
        };

        const [first, ...others] = await race(null);
        expect(others).toEqual([]);
        const winners = await race(first ?? null);
        expect(winners).toHaveLength(1);
        expect((await store.readDocument(name))?.version).toBe(winners[0]);
      });
    });

    describe('two writers at once', () => {
      it('two writers at once both find their snapshot listed and complete', async () => {
        await store.save(monday);
        const other = await another();
        const theirs = makeDraft({ takenAt: WEDNESDAY, files: { ...mondayFiles, 'theirs.json': 'theirs' } });
        await Promise.all([store.save(tuesday), other.save(theirs)]);

        // Which of the two came last is for the store to say, and it says the same to each reader.
        const listed = idsOf(await store.list());
        expect(listed.toSorted()).toEqual(idsOf([monday.info, tuesday.info, theirs.info]).sort());
        expect(listed.at(-1)).toBe(monday.info.id);
        for (const reader of [store, other]) {
          expect(idsOf(await reader.list())).toEqual(listed);
          expect((await reader.latest('prod'))?.info.id).toBe(listed[0]);
          expect(await contentOf(await reader.open('prod', tuesday.info.id))).toEqual({
            ...mondayFiles,
            'b.json': 'changed',
          });
          expect(await contentOf(await reader.open('prod', theirs.info.id))).toEqual({
            ...mondayFiles,
            'theirs.json': 'theirs',
          });
        }
      });

      it('two writers at once of different instances, on a place that is still empty, lose nothing', async () => {
        const names = ['alpha', 'beta', 'gamma'];
        const drafts = names.map((instance) => makeDraft({ instance, files: { 'a.json': instance } }));
        await Promise.all(drafts.map(async (draft) => (await another()).save(draft)));

        expect((await store.list()).map((info) => info.instance).sort()).toEqual(names);
        for (const instance of names)
          expect(await contentOf(await store.latest(instance))).toEqual({ 'a.json': instance });
      });
    });

    describe('interrupted', () => {
      it('a store does nothing once the signal is aborted', async () => {
        const signal = AbortSignal.abort();
        await expect(store.save(monday, signal)).rejects.toBeInstanceOf(InterruptedError);
        await expect(store.list(undefined, signal)).rejects.toBeInstanceOf(InterruptedError);
        await expect(store.latest('prod', signal)).rejects.toBeInstanceOf(InterruptedError);
        await expect(store.writeDocument('x', Buffer.from('x'), null, signal)).rejects.toBeInstanceOf(InterruptedError);
        expect(await store.list()).toEqual([]);
      });

      it('a save that is interrupted in the middle shows nothing, and the next save works', async () => {
        await store.save(monday);
        const controller = new AbortController();
        const cut = interceptRead(wide, 'flow-150.json', () => controller.abort());

        await expect(store.save(cut, controller.signal)).rejects.toBeInstanceOf(InterruptedError);
        expect(await store.list()).toEqual([monday.info]);
        expect(await contentOf(await store.latest('prod'))).toEqual(mondayFiles);
        await store.save(wide);
        expect((await store.latest('prod'))?.files.size).toBe(300);
      });

      it('a save of a file that cannot be read shows nothing and passes the error on', async () => {
        await store.save(monday);
        const broken = interceptRead(wide, 'flow-150.json', () => {
          throw new Error('the staging disk is gone');
        });

        await expect(store.save(broken)).rejects.toThrow('the staging disk is gone');
        expect(await store.list()).toEqual([monday.info]);
        await store.save(wide);
        expect(await store.list()).toHaveLength(2);
      });

      it('a save of content that is not what the draft announced shows nothing', async () => {
        const lying = { ...draftFile('announced'), read: async () => Buffer.from('different') };
        const draft = { ...monday, files: new Map(monday.files).set('a.json', lying) };

        await expectReason('integrity', store.save(draft));
        expect(await store.list()).toEqual([]);
      });
    });
  });
}

const MONDAY = '2026-11-23T06:00:00Z';
const TUESDAY = '2026-11-24T06:00:00Z';
const WEDNESDAY = '2026-11-25T06:00:00Z';
const THURSDAY = '2026-11-26T06:00:00Z';

const mondayFiles = { 'a.json': 'alpha', 'b.json': 'beta', 'workflows/c.1.json': 'gamma' };
const monday = makeDraft({ takenAt: MONDAY, files: mondayFiles });
const tuesday = makeDraft({ takenAt: TUESDAY, files: { ...mondayFiles, 'b.json': 'changed' } });
const wednesday = makeDraft({ takenAt: WEDNESDAY, files: { 'a.json': 'alpha' } });
const wide = makeDraft({
  takenAt: THURSDAY,
  files: Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`flow-${index}.json`, `${index}`])),
});

/** Names that a snapshot may hold, which quoting, globbing, URL encoding or option parsing could spoil. */
const ODD_NAMES = [
  'with space.json',
  'ünïcödé/日本語.🧀.json',
  'u\u0308.decomposed.json',
  '-dash/--help.json',
  ':(glob)*.json',
  '[a-c]*?.json',
  `quote"double'single\`back.json`,
  'back\\slash.json',
  '100%/%2F+plus&and=eq#hash.json',
  'dollar$HOME;semi|pipe.json',
  `${'l'.repeat(200)}.json`,
  `${'deep/'.repeat(20)}leaf.json`,
];

/** The same bytes in every run, which no compression makes small. */
function pseudoRandomBytes(size: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size));
}

async function saveAll(store: Store, ...drafts: Parameters<Store['save']>[0][]): Promise<void> {
  for (const draft of drafts) await store.save(draft);
}

function idsOf(infos: readonly { readonly id: string }[]): string[] {
  return infos.map((info) => info.id);
}

async function contentOf(snapshot: StoredSnapshot | null): Promise<Record<string, string>> {
  if (!snapshot) throw new Error('there is no snapshot');
  const contents: Record<string, string> = {};
  for await (const [path, content] of snapshot.readMany(snapshot.files.keys()))
    contents[path] = Buffer.from(content).toString();
  return contents;
}

async function textOf(store: Store, name: string): Promise<{ text: string; version: string }> {
  const document = await store.readDocument(name);
  if (!document) throw new Error(`there is no document ${name}`);
  return { text: Buffer.from(document.content).toString(), version: document.version };
}

/** A version that this type of store could give, of another document. */
async function foreignVersion(store: Store): Promise<string> {
  return store.writeDocument('another', Buffer.from('another'), null);
}

async function expectReason(reason: StoreErrorCode, promise: Promise<unknown>): Promise<void> {
  await expect(promise).rejects.toMatchObject({ name: 'StoreError', reason });
}
