import { readdirSync, statSync, truncateSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../src/store/git/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { makeDraft } from '../../support/drafts.ts';
import { GitFolder } from '../../support/git-folder.ts';

let folder: GitFolder;
beforeEach(() => {
  folder = new GitFolder();
  folder.createRepository('remote.git', '--bare');
});
afterEach(() => folder[Symbol.dispose]());

function openStore(): Store {
  return createGitStore({
    name: 'repo',
    remote: folder.at('remote.git'),
    cacheDir: folder.at('cache'),
    env: process.env,
  });
}

const monday = makeDraft({ takenAt: '2025-11-23T06:00:00Z', files: { 'a.json': 'alpha', 'b.json': 'b' } });
const tuesday = makeDraft({ takenAt: '2025-11-24T06:00:00Z', files: { 'a.json': 'beta', 'b.json': 'b' } });
const wednesday = makeDraft({ takenAt: '2025-11-25T06:00:00Z', files: { 'a.json': 'gamma', 'b.json': 'b' } });

/** Every file of the clone, and what a power cut or a bad disk makes of it. */
function damageAll(isMeant: (path: string) => boolean, damage: (file: string) => void): void {
  const [clone = ''] = readdirSync(folder.at('cache'));
  const files = readdirSync(folder.at(`cache/${clone}`), { recursive: true, encoding: 'utf8' });
  for (const path of files.filter(isMeant)) {
    const file = join(folder.at(`cache/${clone}`), path);
    if (!statSync(file).isFile()) continue;
    chmodSync(file, 0o644);
    damage(file);
  }
}

const zero = (file: string): void => writeFileSync(file, Buffer.alloc(statSync(file).size));
const empty = (file: string): void => truncateSync(file);

it.each([
  ['its objects are empty', /^objects/, empty],
  ['its objects are zeroed', /^objects/, zero],
  ['its refs are empty', /^refs/, empty],
  ['its HEAD is empty', /^HEAD/, empty],
  ['its config is zeroed', /^config/, zero],
  ['its list of shortened histories is zeroed', /^shallow/, zero],
  ['the refs of its documents are zeroed', /documents/, zero],
] as const)('a clone of a remote is made again where %s', async (_what, which, damage) => {
  const store = openStore();
  await store.save(monday);
  const version = await store.writeDocument('prod/lease.json', Buffer.from('{}'), null);
  await openStore().latest('prod');
  for (const use of [
    async () => expect((await openStore().latest('prod'))?.info).toEqual(monday.info),
    async () => expect((await openStore().readDocument('prod/lease.json'))?.version).toBe(version),
    async () => expect(await openStore().list()).toEqual([monday.info]),
  ]) {
    damageAll((path) => which.test(path), damage);
    await use();
  }
  damageAll((path) => which.test(path), damage);
  await openStore().save(tuesday);
  expect(folder.git('remote.git', 'fsck', '--full')).toBe('');
  expect(folder.git('remote.git', 'rev-list', '--count', 'main')).toBe('2');
});

it('a file that is damaged in the clone is fetched again while a snapshot is read', async () => {
  const store = openStore();
  await store.save(monday);
  await store.save(tuesday);
  await store.save(wednesday);
  for (const { info } of [wednesday, tuesday, monday]) {
    const snapshot = await store.open('prod', info.id);
    damageAll((path) => /^objects/.test(path), empty);
    const files: string[] = [];
    for await (const [path, content] of snapshot.readMany(snapshot.files.keys()))
      files.push(`${path}: ${Buffer.from(content).toString()}`);
    expect(files).toHaveLength(2);
  }
});
