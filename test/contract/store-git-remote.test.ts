import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitStore } from '../../src/store/git/store.ts';
import { GitHttpServer } from '../support/git-http.ts';
import { describeStoreContract } from './store.suite.ts';

describeStoreContract('git, remote over HTTP', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flowkeep-git-'));
  const server = await GitHttpServer.start({ root: folder });
  const remote = server.createRepository('backup.git');
  let count = 0;
  return {
    // Every store has a clone of its own, as containers have.
    open: async () =>
      createGitStore({
        name: 'remote',
        remote,
        cacheDir: join(folder, `cache-${count++}`),
        env: process.env,
      }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
});
