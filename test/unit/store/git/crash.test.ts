import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../../src/store/git/store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { GitFolder } from '../../../support/git-folder.ts';

const SAVE_AND_STALL = fileURLToPath(new URL('../../../support/save-and-stall.ts', import.meta.url));

let folder: GitFolder;
let store: Store;
beforeEach(() => {
  folder = new GitFolder();
  store = createGitStore({ name: 'repo', path: folder.at('repo'), cacheDir: folder.at('cache'), env: process.env });
});
afterEach(() => folder[Symbol.dispose]());

const monday = makeDraft({ takenAt: '2025-11-23T06:00:00Z', files: { 'a.json': 'alpha' } });
const tuesday = makeDraft({ takenAt: '2025-11-24T06:00:00Z', files: { 'a.json': 'beta' } });
const wednesday = makeDraft({ takenAt: '2025-11-25T06:00:00Z', files: { 'a.json': 'beta', 'b.json': 'b' } });
const thursday = makeDraft({ takenAt: '2025-11-26T06:00:00Z', files: { 'b.json': 'c' } });

it('a save that is killed leaves the snapshots before it, and the next save works', async () => {
  await store.save(monday);
  const child = spawn(process.execPath, [SAVE_AND_STALL, folder.at('repo')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');

  expect(await store.list()).toEqual([monday.info]);
  expect(folder.git('repo', 'status', '--porcelain')).toBe('');
  expect((await store.save(tuesday)).warnings).toEqual([]);
  expect(folder.git('repo', 'fsck', '--no-dangling')).toBe('');
  expect(folder.git('repo', 'status', '--porcelain')).toBe('');
});

it('a save brings the work tree along after a crash between moving the branch and the files', async () => {
  await store.save(monday);
  await store.save(tuesday);
  // The state that such a crash leaves: the branch is ahead of index and files, and the note says where they are.
  const before = folder.git('repo', 'rev-parse', 'HEAD~1');
  folder.git('repo', 'reset', '--hard', '--quiet', before);
  folder.git('repo', 'update-ref', 'refs/heads/main', 'ORIG_HEAD');
  folder.write('repo/.git/flowkeep-work-tree', `${before}\n`);

  expect((await store.save(wednesday)).warnings).toEqual([]);
  expect(folder.read('repo/prod/a.json')).toBe('beta');
  expect(folder.git('repo', 'status', '--porcelain')).toBe('');
});

it.each(['refs/heads/main.lock', 'packed-refs.lock', 'HEAD.lock', 'config.lock'])(
  'a save works although a killed git left %s',
  async (lock) => {
    await store.save(monday);
    leave(lock);
    expect((await store.save(tuesday)).warnings).toEqual([]);
    expect(folder.has(`repo/.git/${lock}`)).toBe(false);
    expect(await store.list()).toEqual([tuesday.info, monday.info]);
  },
);

it('a save makes a repository although an init was killed', async () => {
  folder.createRepository('repo');
  rmSync(folder.at('repo/.git/config'));
  leave('config.lock');
  await store.save(monday);
  expect(await store.list()).toEqual([monday.info]);
});

it('a save removes the lock of the index that a killed run left, and brings the work tree along', async () => {
  await store.save(monday);
  const before = folder.git('repo', 'rev-parse', 'HEAD');
  folder.write('repo/.git/flowkeep-work-tree', `${before}\nmoving\n`);
  setBack('flowkeep-work-tree', 20_000);
  leave('index.lock');
  expect((await store.save(tuesday)).warnings).toEqual([]);
  expect(folder.read('repo/prod/a.json')).toBe('beta');
  expect(folder.git('repo', 'status', '--porcelain')).toBe('');
});

it('a save leaves a lock of the index alone that somebody else holds', async () => {
  await store.save(monday);
  leave('index.lock');
  expect((await store.save(tuesday)).warnings).toEqual([expect.stringContaining('index.lock exists')]);
  expect((await store.save(wednesday)).warnings).toEqual([expect.stringContaining('index.lock exists')]);
  rmSync(folder.at('repo/.git/index.lock'));
  expect((await store.save(thursday)).warnings).toEqual([]);
  expect(folder.git('repo', 'status', '--porcelain')).toBe('');
});

/** A lock whose git died ten seconds ago. */
function leave(lock: string): void {
  folder.write(`repo/.git/${lock}`, '');
  setBack(lock, 10_000);
}

function setBack(file: string, ms: number): void {
  const then = new Date(Date.now() - ms);
  utimesSync(folder.at(`repo/.git/${file}`), then, then);
}

it('a save cleans up what a killed git left an hour ago, and nothing younger', async () => {
  await store.save(monday);
  const inFolder = 'objects/tmp_objdir-bulk-fsync-old/24/tmp_obj_1';
  for (const name of ['objects/pack/tmp_pack_old', 'fast_import_crash_1', 'objects/pack/tmp_pack_new', inFolder])
    folder.write(`repo/.git/${name}`, 'rest');
  for (const name of ['objects/pack/tmp_pack_old', 'fast_import_crash_1', 'objects/tmp_objdir-bulk-fsync-old'])
    setBack(name, 7_200_000);
  await store.save(tuesday);

  expect(folder.has('repo/.git/fast_import_crash_1')).toBe(false);
  expect(folder.has('repo/.git/objects/tmp_objdir-bulk-fsync-old')).toBe(false);
  expect(readdirSync(folder.at('repo/.git/objects/pack')).filter((name) => name.startsWith('tmp_'))).toEqual([
    'tmp_pack_new',
  ]);
});
