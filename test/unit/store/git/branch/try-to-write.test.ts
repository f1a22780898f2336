import { existsSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

let folder: GitFolder;
beforeEach(() => {
  folder = new GitFolder();
});
afterEach(() => folder[Symbol.dispose]());

function openStore(path: string): Store {
  return createGitStore({ name: 'repo', path, cacheDir: folder.at('cache'), env: process.env });
}

const monday = makeDraft({ takenAt: '2025-11-23T06:00:00Z', files: { 'a.json': 'alpha' } });

// Node's own way to make folders never ends there, and no signal ends it.
it.each(['/proc/x', '/proc/x/y'])('check and save say that no folder can be made at %s', async (path) => {
  const store = openStore(path);
  for (const attempt of [() => store.check(), () => store.save(monday)])
    await expect(attempt()).rejects.toMatchObject({
      reason: 'failed',
      message: expect.stringContaining(path) as string,
      remedy: expect.stringContaining('`path` of the store') as string,
    });
  expect(existsSync(path)).toBe(false);
});

it('check makes what a backup makes, and leaves nothing', async () => {
  await openStore(folder.at('a/b/c')).check();
  expect(readdirSync(folder.path)).toEqual([]);
});

it('check writes into the repository, and leaves nothing', async () => {
  const store = openStore(folder.at('repo'));
  await store.save(monday);
  const before = readdirSync(folder.at('repo'), { recursive: true }).sort();
  await store.check();
  expect(readdirSync(folder.at('repo'), { recursive: true }).sort()).toEqual(before);
});
