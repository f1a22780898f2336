import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitStore } from '../../src/store/git/store.ts';
import { describeStoreContract } from './store.suite.ts';

describeStoreContract('git, local repository pushed to a remote', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flowkeep-git-'));
  const remote = `file://${folder}/backup.git`;
  execFileSync('git', ['init', '--quiet', '--bare', '-b', 'main', join(folder, 'backup.git')]);
  let count = 0;
  return {
    open: async () =>
      createGitStore({ name: 'both', remote, path: join(folder, `clone-${count++}`), env: process.env }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});
