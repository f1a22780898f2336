import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { removeStaleLocks } from '../../../../../src/store/git/repository/stale-locks.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

let folder: GitFolder;
beforeEach(() => {
  folder = new GitFolder();
  folder.createRepository('repo');
});
afterEach(() => {
  vi.useRealTimers();
  folder[Symbol.dispose]();
});

it('a lock that was taken just now is waited for, also where the clock of the file server is hours behind', async () => {
  const lock = 'repo/.git/index.lock';
  folder.write(lock, '');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
  const waiting = new AbortController();
  const isOurs = async (): Promise<boolean> => {
    setImmediate(() => setImmediate(() => waiting.abort()));
    return true;
  };
  const place = { gitDir: folder.at('repo/.git'), workTree: folder.at('repo') };
  await expect(removeStaleLocks(place, isOurs, waiting.signal)).rejects.toThrow('aborted');
  expect(folder.has(lock)).toBe(true);
});
