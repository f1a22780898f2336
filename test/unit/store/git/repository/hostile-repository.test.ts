import { existsSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

let folder: GitFolder;
let store: Store;
/** What a program of the repository leaves behind if it runs. */
let mark: string;
beforeEach(() => {
  folder = new GitFolder();
  mark = folder.at('ran');
  folder.createRepository('remote', '--bare');
  store = createGitStore({
    name: 'repo',
    path: folder.at('repo'),
    cacheDir: folder.at('cache'),
    remote: `file://${folder.at('remote')}`,
    env: process.env,
  });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Settings of a repository's own `.git/config` that make git run a program, or go elsewhere to fetch one. */
const SETTINGS: readonly (readonly [name: string, value: (program: string) => string])[] = [
  ['core.fsmonitor', (program) => program],
  ['core.hooksPath', () => 'hooks'],
  ['core.sshCommand', (program) => program],
  ['core.gitProxy', (program) => program],
  ['core.askPass', (program) => program],
  ['core.alternateRefsCommand', (program) => program],
  ['core.pager', (program) => program],
  ['core.editor', (program) => program],
  ['credential.helper', (program) => `!${program}`],
  ['diff.external', (program) => program],
  ['gpg.program', (program) => program],
  ['commit.gpgSign', () => 'true'],
  ['gc.recentObjectsHook', (program) => program],
  ['remote.flowkeep.uploadpack', (program) => `${program}; git-upload-pack`],
  ['remote.flowkeep.receivepack', (program) => `${program}; git-receive-pack`],
  ['uploadpack.packObjectsHook', (program) => program],
  ['filter.evil.clean', (program) => `${program}; cat`],
  ['filter.evil.smudge', (program) => `${program}; cat`],
  ['filter.evil.process', (program) => program],
  ['filter.a.b c.smudge', (program) => `${program}; cat`],
];

/** Saves, changes by hand, saves again, lists, opens and checks: every way in which the store runs git. */
async function useStore(): Promise<void> {
  await store.save(makeDraft({ takenAt: '2026-11-24T06:00:00Z', files: { 'a.json': 'beta', 'b.json': 'b' } }));
  await store.save(makeDraft({ takenAt: '2026-11-25T06:00:00Z', files: { 'a.json': 'gamma' } }));
  const snapshot = await store.latest('prod');
  await snapshot?.read('a.json');
  expect(await store.list('prod')).toHaveLength(3);
  await store.check();
}

describe('a repository that somebody prepared', () => {
  it.each(SETTINGS)('a repository that somebody prepared runs nothing by %s', async (name, value) => {
    await store.save(makeDraft({ takenAt: '2026-11-23T06:00:00Z', files: { 'a.json': 'alpha' } }));
    folder.git('repo', 'config', 'protocol.ext.allow', 'always');
    folder.git('repo', 'config', name, value(`touch ${mark}`));
    folder.write('repo/.gitattributes', '* filter=evil\nprod/a.json filter=a.b\n');
    folder.write('repo/.git/info/attributes', '* filter=evil\n');
    for (const hook of ['post-checkout', 'reference-transaction', 'pre-push', 'pre-auto-gc', 'post-index-change']) {
      folder.write(`repo/.git/hooks/${hook}`, `#!/bin/sh\ntouch ${mark}\n`);
      folder.write(`repo/hooks/${hook}`, `#!/bin/sh\ntouch ${mark}\n`);
      folder.makeExecutable(`repo/.git/hooks/${hook}`);
      folder.makeExecutable(`repo/hooks/${hook}`);
    }
    // Looked at again, since it was touched: this is when git cleans files.
    folder.write('repo/prod/a.json', 'alpha');
    await useStore();
    expect(existsSync(mark)).toBe(false);
    expect(folder.read('repo/prod/a.json')).toBe('gamma');
  });

  it.each([
    ['url.insteadOf', (at: string) => [`url.ext::sh -c touch% ${at}% .insteadOf`, 'file://']],
    ['remote.vcs', () => ['remote.flowkeep.vcs', 'ext']],
  ])(
    'a repository that somebody prepared that turns the address into a command by %s runs nothing, and uses the configured one',
    async (_name, setting) => {
      await store.save(makeDraft({ takenAt: '2026-11-23T06:00:00Z', files: { 'a.json': 'alpha' } }));
      folder.git('repo', 'config', 'protocol.ext.allow', 'always');
      folder.git('repo', 'config', ...setting(mark));
      await useStore();
      expect(existsSync(mark)).toBe(false);
    },
  );

  it('a repository that somebody prepared with submodules in .gitmodules fetches none and leaves the file alone', async () => {
    folder.createRepository('other');
    folder.commitFile('other', 'x', 'x');
    await store.save(makeDraft({ takenAt: '2026-11-23T06:00:00Z', files: { 'a.json': 'alpha' } }));
    folder.write(
      'repo/.gitmodules',
      `[submodule "x"]\n\tpath = x\n\turl = ${folder.at('other')}\n\tupdate = !touch ${mark}\n`,
    );
    folder.git('repo', 'add', '.gitmodules');
    folder.git('repo', 'commit', '--quiet', '-m', 'Add a submodule');
    await useStore();
    expect(existsSync(mark)).toBe(false);
    expect(readdirSync(folder.at('repo')).sort()).toEqual(['.git', '.gitmodules', 'prod']);
  });
});

describe('an address of a remote', () => {
  it.each([
    '--upload-pack=touch x',
    '-oProxyCommand=touch x',
    'ext::sh -c touch% x',
    'fd::3',
    'ssh://-oProxyCommand=touch%20x/path',
    'ssh://-oProxyCommand=x@host/path',
    'ssh://host/-path',
    'git@-oProxyCommand=x:path',
    'https://host/x\n--upload-pack=touch',
    'file:///tmp/x\u0000y',
    'ftp://host/path',
    'host:-path',
  ])('%j that could be taken for something else is refused, or leads nowhere', async (remote) => {
    const open = async (): Promise<unknown> => {
      const hostile = createGitStore({
        name: 'repo',
        cacheDir: folder.at('cache'),
        remote,
        env: process.env,
      });
      try {
        return await hostile.latest('prod');
      } finally {
        await hostile[Symbol.asyncDispose]();
      }
    };
    await expect(open()).rejects.toMatchObject({ code: 'usage', exitCode: 2 });
    expect(existsSync(mark)).toBe(false);
  });

  it.each(['-x', '--upload-pack=x', 'a..b', 'a\nb', 'refs heads', 'x.lock', 'a~1', '@{-1}', 'a:b', '/a', 'HEAD^'])(
    'a branch called %j is refused',
    (branch) => {
      const make = (): Store =>
        createGitStore({ name: 'repo', path: folder.at('r'), cacheDir: folder.at('c'), branch, env: {} });
      expect(make).toThrow(/is not a name for a git branch/);
    },
  );
});
