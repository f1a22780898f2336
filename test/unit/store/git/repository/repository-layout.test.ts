import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

let folder: GitFolder;
let store: Store;
beforeEach(() => {
  folder = new GitFolder();
  folder.createRepository('repo');
  folder.createRepository('outside');
  store = createGitStore({ name: 'repo', path: folder.at('repo'), cacheDir: folder.at('cache'), env: process.env });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const draft = makeDraft({ files: { 'a.json': 'alpha' } });

it.each(['logs/HEAD', 'logs/refs/heads/main', 'index', 'packed-refs', 'HEAD', 'config', 'shallow'])(
  'a repository whose %s is a link to a file outside is refused, and the file stays as it is',
  async (name) => {
    const path = folder.at(`repo/.git/${name}`);
    folder.write('precious', folder.has(`repo/.git/${name}`) ? folder.read(`repo/.git/${name}`) : 'precious');
    const before = folder.read('precious');
    rmSync(path, { force: true });
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(folder.at('precious'), path);
    await expect(store.save(draft)).rejects.toMatchObject({
      reason: 'format',
      message: expect.stringContaining(`${path} leads out of the repository`) as string,
    });
    expect(folder.read('precious')).toBe(before);
  },
);

it.each(['objects', 'refs', 'refs/heads', 'logs', 'objects/pack'])(
  'a repository whose folder %s is that of another repository is refused',
  async (name) => {
    const path = folder.at(`repo/.git/${name}`);
    rmSync(path, { recursive: true, force: true });
    symlinkSync(folder.at(`outside/.git/${name}`), path);
    await expect(store.save(draft)).rejects.toThrow(/leads out of the repository/);
    expect(folder.git('outside', 'for-each-ref')).toBe('');
  },
);

it('a folder whose .git leads to the repository of somebody else, as a file, a link or by commondir, is refused', async () => {
  const other = folder.at('outside/.git');
  folder.write('repo/.git/commondir', `${other}\n`);
  await expect(store.save(draft)).rejects.toThrow(/commondir leads out of the repository/);
  rmSync(folder.at('repo/.git'), { recursive: true });
  folder.write('repo/.git', `gitdir: ${other}\n`);
  await expect(store.save(draft)).rejects.toMatchObject({
    message: expect.stringContaining('does not say that its work tree is here') as string,
    remedy: expect.stringContaining('core.worktree') as string,
  });
  rmSync(folder.at('repo/.git'));
  symlinkSync(other, folder.at('repo/.git'));
  await expect(store.save(draft)).rejects.toThrow(/neither a folder nor a file/);
  expect(folder.git('outside', 'for-each-ref')).toBe('');
});

it('a git directory elsewhere is used where it says that its work tree is here', async () => {
  cpSync(folder.at('repo/.git'), folder.at('elsewhere'), { recursive: true });
  rmSync(folder.at('repo/.git'), { recursive: true });
  folder.write('repo/.git', 'gitdir: ../elsewhere\n');
  folder.git('.', '--git-dir=elsewhere', 'config', 'core.worktree', folder.at('repo'));
  expect((await store.save(draft)).warnings).toEqual([]);
  expect(folder.git('repo', 'status', '--porcelain')).toBe('');
  expect(folder.read('repo/prod/a.json')).toBe('alpha');
});

it('a repository that is a partial clone, or has an extension that flowkeep does not know, is refused by name', async () => {
  folder.git('repo', 'config', 'remote.origin.promisor', 'true');
  await expect(store.save(draft)).rejects.toThrow(/partial clone/);
  folder.git('repo', 'config', '--unset', 'remote.origin.promisor');
  folder.git('repo', 'config', 'extensions.newFormat', 'true');
  await expect(store.save(draft)).rejects.toThrow(/extensions\.newformat, which flowkeep does not know/);
  folder.git('repo', 'config', '--unset', 'extensions.newFormat');
  await store.save(draft);
});

it('a repository with SHA-256 for its objects is written as such', async () => {
  rmSync(folder.at('repo'), { recursive: true });
  folder.createRepository('repo', '--object-format=sha256');
  await store.save(draft);
  expect(folder.git('repo', 'rev-parse', 'main')).toMatch(/^[0-9a-f]{64}$/);
  folder.git('repo', 'fsck');
});
