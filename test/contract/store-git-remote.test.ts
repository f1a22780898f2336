import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitStore } from '../../src/store/git/store.ts';
import { IS_FULL } from '../support/campaign.ts';
import { GitHttpServer } from '../support/git-http.ts';
import { describeStoreContract, type StoreHarness } from './store.suite.ts';

// What is left out is the same code as in a local repository (store-git-local.test.ts); npm run test:contract has all.
describeStoreContract('git, remote over HTTP', makeHarness, { isWhole: IS_FULL });

async function makeHarness(): Promise<StoreHarness> {
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
}
