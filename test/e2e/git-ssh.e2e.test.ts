import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitStore } from '../../src/store/git/store.ts';
import type { Store } from '../../src/store/store.ts';
import { describeStoreContract } from '../contract/store.suite.ts';
import { makeDraft } from '../support/drafts.ts';
import { type SshServer, startSshServer } from '../support/sshd.ts';

let folder: string;
let server: SshServer;
let count = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-ssh-'));
  server = await startSshServer(join(folder, 'sshd'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Login {
  readonly keyFile?: string;
  readonly knownHostsFile?: string;
}

function openStore(remote: string, login: Login = {}, place: 'path' | 'cacheDir' = 'cacheDir'): Store {
  const ssh = { keyFile: server.keyFile, knownHostsFile: server.knownHostsFile, ...login };
  const own = join(folder, `clone-${count++}`);
  return createGitStore({
    name: 'ssh',
    remote,
    ssh,
    ...(place === 'path' ? { path: own, cacheDir: `${own}-cache` } : { cacheDir: own }),
    timeouts: { idleMs: 20_000 },
    env: process.env,
  });
}

describeStoreContract('git, local repository pushed over ssh', async () => {
  const remote = server.createRepository(`contract-${count++}.git`);
  return { open: async () => openStore(remote, {}, 'path'), async [Symbol.asyncDispose]() {} };
});

describe('over ssh', () => {
  const draft = makeDraft({ files: { 'a.json': 'alpha' } });

  it('a clone that can be thrown away is enough', async () => {
    const remote = server.createRepository('cache.git');
    await openStore(remote).check();
    await openStore(remote).save(draft);
    expect(await openStore(remote).list()).toEqual([draft.info]);
  });

  it('a key that may only read is found by the check', async () => {
    const remote = server.createRepository('read-only.git');
    await openStore(remote).save(draft);
    const store = openStore(remote, { keyFile: server.readOnlyKeyFile });
    expect(await store.list()).toEqual([draft.info]);
    await expect(store.check()).rejects.toMatchObject({ reason: 'denied' });
    await expect(store.save(makeDraft({ files: { b: 'b' } }))).rejects.toMatchObject({ reason: 'denied' });
  });

  it('a wrong key, an unknown host and an open key file are distinguished, at once', async () => {
    const remote = server.createRepository('denied.git');
    const started = performance.now();
    const unknownHost = join(folder, 'no-hosts');
    writeFileSync(unknownHost, '');
    const openKey = join(folder, 'open-key');
    copyFileSync(server.keyFile, openKey);
    chmodSync(openKey, 0o644);
    for (const [login, message] of [
      [{ keyFile: server.strangerKeyFile }, 'does not accept the ssh key'],
      [{ keyFile: join(folder, 'no-such-key') }, 'does not accept the ssh key'],
      [{ knownHostsFile: unknownHost }, 'host key is unknown'],
      [{ keyFile: openKey }, 'others may read it'],
    ] as const) {
      const attempt = openStore(remote, login).latest('prod');
      await expect(attempt).rejects.toMatchObject({
        reason: 'denied',
        message: expect.stringContaining(message) as string,
      });
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('a repository that is not there is reported', async () => {
    const remote = server.createRepository('there.git').replace('there.git', 'missing.git');
    await expect(openStore(remote).list()).rejects.toMatchObject({ reason: 'not-found' });
  });
});
