import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitStore } from '../../src/store/git/store.ts';
import { describeStoreContract } from './store.suite.ts';

describeStoreContract('git, local repository', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flowkeep-git-'));
  return {
    open: async () =>
      createGitStore({
        name: 'repo',
        path: join(folder, 'n8n-backup'),
        cacheDir: join(folder, 'cache'),
        env: process.env,
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});
