import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../../../src/lib/logger.ts';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

let folder: GitFolder;
beforeEach(() => {
  folder = new GitFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** A store whose git says that it is this version, notes what it is asked, and does the rest as the real one. */
function storeWithGit(says: string, logger = silentLogger): Store {
  const asked = `echo "$1" >> ${folder.at('asked')}`;
  const real = `PATH='${process.env.PATH ?? ''}' exec git "$@"`;
  folder.write('bin/git', `#!/bin/sh\n${asked}\n[ "$1" = --version ] && { echo '${says}'; exit; }\n${real}\n`);
  folder.makeExecutable('bin/git');
  const env = { PATH: `${folder.at('bin')}:${process.env.PATH ?? ''}` };
  return createGitStore({ name: 'repo', path: folder.at('repo'), cacheDir: folder.at('cache'), env, logger });
}

const draft = makeDraft({ files: { 'a.json': 'alpha' } });

it.each(['git version 1.8.3.1', 'git version 2.30.2', 'git version 2.31.9.windows.2', 'BusyBox'])(
  'a git store refuses %j before git does anything, and says which git it needs',
  async (says) => {
    await using store = storeWithGit(says);
    for (const use of [() => store.check(), () => store.save(draft), () => store.list()]) {
      await expect(use()).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(/ is too old: flowkeep needs git 2\.32 or newer$/) as string,
        remedy: expect.stringContaining('Install git 2.32') as string,
      });
    }
    expect(new Set(folder.read('asked').trim().split('\n'))).toEqual(new Set(['--version']));
    expect(folder.has('repo')).toBe(false);
  },
);

it.each(['git version 2.36.0', 'git version 2.39.5 (Apple Git-154)', 'git version 2.55.GIT', 'git version 3.0.0'])(
  'a git store asks %j for its version once in a process',
  async (says) => {
    await using store = storeWithGit(says);
    await store.check();
    await store.save(draft);
    expect(await store.list('prod')).toHaveLength(1);
    const asked = folder.read('asked').split('\n');
    expect(asked.filter((command) => command === '--version')).toHaveLength(1);
  },
);

it.each([
  ['git version 2.34.1', 1],
  ['git version 2.36.0', 0],
])('a git store uses %j and warns %i times that a power cut can take a snapshot', async (says, times) => {
  const warn = vi.fn();
  await using store = storeWithGit(says, { ...silentLogger, warn });
  await store.check();
  await store.save(draft);
  expect(warn.mock.calls.filter(([, message]) => String(message).includes('power cut'))).toHaveLength(times);
});
