import { chmodSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../src/store/git/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { repairs, type Repairs } from '../../../src/store/upkeep.ts';
import { makeDraft } from '../../support/drafts.ts';
import { GitFolder } from '../../support/git-folder.ts';

let folder: GitFolder;
beforeEach(() => {
  folder = new GitFolder();
});
afterEach(() => folder[Symbol.dispose]());

function openStore(remote?: string): Store & Repairs {
  const place = { path: folder.at('repo'), ...(remote === undefined ? {} : { remote: folder.at(remote) }) };
  const store = createGitStore({ name: 'repo', ...place, cacheDir: folder.at('cache'), env: process.env });
  if (!repairs(store)) throw new Error('a store with a folder of its own can be repaired');
  return store;
}

const monday = makeDraft({ takenAt: '2025-11-23T06:00:00Z', files: { 'a.json': 'alpha', 'x/y.json': 'y' } });
const tuesday = makeDraft({ takenAt: '2025-11-24T06:00:00Z', files: { 'a.json': 'beta', 'x/y.json': 'y' } });
const wednesday = makeDraft({ takenAt: '2025-11-25T06:00:00Z', files: { 'a.json': 'gamma', 'x/y.json': 'y' } });

const GIT = 'repo/.git';
const zero = (file: string): void => writeFileSync(file, Buffer.alloc(statSync(file).size));
const empty = (file: string): void => truncateSync(file);
const flip = (file: string): void => {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.with(bytes.length - 30, bytes[bytes.length - 30]! ^ 4));
};

function damage(path: string, how: (file: string) => void): void {
  chmodSync(folder.at(path), 0o644);
  how(folder.at(path));
}

function looseFile(name: string): string {
  const oid = folder.git('repo', 'rev-parse', name);
  return `${GIT}/objects/${oid.slice(0, 2)}/${oid.slice(2)}`;
}

function ids(snapshots: readonly { readonly id: string }[]): string[] {
  return snapshots.map(({ id }) => id);
}

it.each([
  ['zeroed', zero],
  ['emptied', empty],
  ['flipped', flip],
])('a file whose object is %s is whole again after the repair, in every snapshot', async (_sort, how) => {
  const store = openStore();
  await store.save(monday);
  await store.save(tuesday);
  const oid = folder.git('repo', 'rev-parse', 'HEAD:prod/x/y.json');
  damage(looseFile('HEAD:prod/x/y.json'), how);
  // The copy that people see is no source: only what n8n has.
  folder.write('repo/prod/x/y.json', 'edited');
  const snapshot = await openStore().open('prod', monday.info.id);
  await expect(snapshot.read('x/y.json')).rejects.toMatchObject({ reason: 'integrity' });

  await store.markDamaged([oid]);
  expect(await openStore().repairNeeded()).toEqual([oid]);
  expect(await store.repair(tuesday.files)).toEqual([oid]);
  expect(await openStore().repairNeeded()).toEqual([]);
  expect(folder.git('repo', 'fsck', '--full', '--no-dangling')).toBe('');
  expect(folder.git('repo', 'show', 'HEAD~1:prod/x/y.json')).toBe('y');
});

it('a damaged pack is emptied of what is whole, and the rest is put back', async () => {
  const store = openStore();
  await store.save(monday);
  await store.save(tuesday);
  folder.git('repo', 'gc', '--quiet');
  const [pack = ''] = readdirSync(folder.at(`${GIT}/objects/pack`)).filter((name) => name.endsWith('.pack'));
  damage(`${GIT}/objects/pack/${pack}`, (file) => writeFileSync(file, readFileSync(file).fill(0, 20, 60)));
  expect(folder.git('repo', 'rev-parse', 'HEAD')).not.toBe('');
  await openStore().repair(tuesday.files);
  await store.save(wednesday);
  expect(folder.git('repo', 'show', 'HEAD:prod/a.json')).toBe('gamma');
  expect(folder.has(`${GIT}/objects/pack/${pack}`)).toBe(false);
  expect(folder.has(`${GIT}/flowkeep-damaged-files/${pack}`)).toBe(true);
});

it('a pack whose index is gone gets it again', async () => {
  const store = openStore();
  await store.save(monday);
  folder.git('repo', 'gc', '--quiet');
  for (const name of readdirSync(folder.at(`${GIT}/objects/pack`)))
    if (name.endsWith('.idx')) rmSync(folder.at(`${GIT}/objects/pack/${name}`));
  await openStore().repair(monday.files);
  expect(folder.git('repo', 'fsck', '--full')).toBe('');
  expect(await openStore().list()).toEqual([monday.info]);
});

it.each([
  ['is empty', empty],
  ['is zeroed', zero],
  ['is gone', (file: string) => rmSync(file)],
])('a branch whose file %s is lost, no empty store, and the next save puts it back', async (_what, how) => {
  await openStore().save(monday);
  damage(`${GIT}/refs/heads/main`, how);
  for (const attempt of [
    () => openStore().list(),
    () => openStore().latest('prod'),
    () => openStore().check(),
    () => openStore().open('prod', monday.info.id),
  ])
    await expect(attempt()).rejects.toMatchObject({ reason: 'integrity', message: /refs\/heads\/main in .* is lost/ });
  const { warnings } = await openStore().save(tuesday);
  expect(warnings.join('\n')).toMatch(/refs\/heads\/main was lost: it is at commit/);
  expect(await openStore().list()).toEqual([tuesday.info, monday.info]);
  expect(folder.git('repo', 'fsck', '--full')).toBe('');
});

it.each(['HEAD', 'config'])(
  'a repository whose %s is empty or gone is damaged, and the next save mends it',
  async (name) => {
    await openStore().save(monday);
    for (const how of [zero, (file: string) => rmSync(file)]) {
      damage(`${GIT}/${name}`, how);
      await expect(openStore().list()).rejects.toMatchObject({
        reason: 'integrity',
        message: expect.stringContaining(name) as string,
      });
      await openStore().save(how === zero ? tuesday : wednesday);
    }
    expect(ids(await openStore().list())).toEqual([wednesday, tuesday, monday].map(({ info }) => info.id));
  },
);

it('a branch whose newest commit is lost goes on from the one before', async () => {
  const store = openStore();
  await store.save(monday);
  await store.save(tuesday);
  damage(looseFile('HEAD'), empty);
  await expect(openStore().list()).rejects.toMatchObject({ reason: 'integrity' });
  const { warnings } = await openStore().save(wednesday);
  expect(warnings.join('\n')).toMatch(/refs\/heads\/main was at commit \w+, which is damaged: it is at commit/);
  expect(ids(await openStore().list())).toEqual([wednesday.info.id, monday.info.id]);
  expect(folder.git('repo', 'fsck', '--full')).toBe('');
});

it('a branch whose newest folder is lost leaves its commit, which a ref keeps', async () => {
  const store = openStore();
  await store.save(monday);
  await store.save(tuesday);
  const lost = folder.git('repo', 'rev-parse', 'HEAD');
  damage(looseFile('HEAD^{tree}'), zero);
  rmSync(folder.at(`${GIT}/index`));
  await openStore().save(wednesday);
  expect(ids(await openStore().list())).toEqual([wednesday.info.id, monday.info.id]);
  expect(folder.git('repo', 'for-each-ref', '--format=%(objectname)', 'refs/flowkeep/damaged')).toBe(lost);
});

it('a history with a lost commit ends there, and what is behind it is kept by a ref', async () => {
  const store = openStore();
  for (const draft of [monday, tuesday, wednesday]) await store.save(draft);
  const kept = folder.git('repo', 'rev-parse', 'HEAD~2');
  damage(looseFile('HEAD~1'), empty);
  await expect(openStore().list()).rejects.toMatchObject({ reason: 'integrity' });
  // The failure is remembered: a backup sees that there is something to repair.
  expect((await openStore().repairNeeded()).length).toBeGreaterThan(0);
  await openStore().repair(wednesday.files);
  expect(ids(await openStore().list())).toEqual([wednesday.info.id]);
  expect(folder.git('repo', 'for-each-ref', '--format=%(objectname)', 'refs/flowkeep/damaged')).toBe(kept);
  expect(await openStore().repairNeeded()).toEqual([]);
});

it('what the remote has is fetched again', async () => {
  folder.createRepository('remote.git', '--bare');
  const store = openStore('remote.git');
  for (const draft of [monday, tuesday, wednesday]) await store.save(draft);
  const files = ['HEAD~1', 'HEAD~1^{tree}', 'HEAD~2:prod', 'HEAD~2:prod/a.json'].map(looseFile);
  for (const file of files) damage(file, zero);
  await openStore('remote.git')
    .list()
    .catch(() => undefined);
  await openStore('remote.git').repair(wednesday.files);
  expect(folder.git('repo', 'fsck', '--full', '--no-dangling')).toBe('');
  expect(ids(await openStore('remote.git').list())).toEqual([wednesday, tuesday, monday].map(({ info }) => info.id));
});

it('a document whose ref is damaged is at its newest version again', async () => {
  const store = openStore();
  await store.save(monday);
  const version = await store.writeDocument('prod/identity.json', Buffer.from('{}'), null);
  const next = await store.writeDocument('prod/identity.json', Buffer.from('{"a":1}'), version);
  damage(`${GIT}/refs/flowkeep/documents/prod%2fidentity%2ejson`, zero);
  expect(await openStore().readDocument('prod/identity.json')).toMatchObject({ version: next });
});
