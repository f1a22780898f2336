import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/lib/secret.ts';
import { createGitStore } from '../../src/store/git/store.ts';
import { GitHttpServer } from '../support/git-http.ts';
import { describeStoreContract, type StoreHarness } from './store.suite.ts';

/** Every store has a clone of its own, as containers have. */
async function remoteHarness(withPath: boolean): Promise<StoreHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'flowkeep-git-'));
  const server = await GitHttpServer.start({ root: folder, users: { bot: 'pass' } });
  const remote = server.createRepository('backup.git');
  let count = 0;
  return {
    open: async () => {
      const own = join(folder, `clone-${count++}`);
      return createGitStore({
        name: 'remote',
        remote,
        auth: { username: 'bot', token: new Secret('pass') },
        ...(withPath ? { path: own } : { cacheDir: own }),
        env: process.env,
      });
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

describeStoreContract('git, remote over HTTP', () => remoteHarness(false));
describeStoreContract('git, local repository and remote over HTTP', () => remoteHarness(true));
