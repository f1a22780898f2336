import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStoreContract } from '../contract/store.suite.ts';
import { createGitStore } from '../../src/store/git/store.ts';
import { encrypted, newKeys } from '../support/encryption.ts';

/** Beside memory and S3, which `npm test` runs: git takes over what is stored by its own object names. */
describeStoreContract('encrypted, git, local repository', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flowkeep-git-'));
  const path = join(folder, 'n8n-backup');
  const keys = await newKeys();
  return {
    open: async () =>
      encrypted(createGitStore({ name: 'repo', path, cacheDir: join(folder, 'cache'), env: process.env }), keys),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});
