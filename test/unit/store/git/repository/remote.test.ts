import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../../src/lib/secrets/secret.ts';
import type { GitStoreOptions } from '../../../../../src/store/git/options.ts';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';
import { GitHttpServer } from '../../../../support/git-http.ts';

const TOKEN = 'planted-t0ken/with+odd=chars';

let folder: GitFolder;
let server: GitHttpServer;
let remote: string;
const opened: Store[] = [];
beforeEach(async () => {
  folder = new GitFolder();
  server = await GitHttpServer.start({
    root: folder.path,
    users: { bot: TOKEN, viewer: TOKEN },
    readOnly: ['viewer'],
  });
  remote = server.createRepository('backup.git');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

let caches = 0;
function openStore(options: Partial<GitStoreOptions> = {}): Store {
  const store = createGitStore({
    name: 'remote',
    remote,
    auth: { username: 'bot', token: new Secret(TOKEN) },
    cacheDir: folder.at(`cache-${caches++}`),
    timeouts: { idleMs: 20_000 },
    clock: { now: Date.now, random: Math.random, sleep: async () => undefined },
    env: process.env,
    ...options,
  });
  opened.push(store);
  return store;
}

/** A store with a local repository as well. */
const openMirror = (path = 'mirror'): Store => openStore({ path: folder.at(path) });

/** The remote's own repository, without the way through the server. */
const openLocally = (): Store =>
  createGitStore({ name: 'direct', path: folder.at('backup.git'), cacheDir: folder.at('views'), env: process.env });

const monday = makeDraft({ takenAt: '2025-11-23T06:00:00Z', files: { 'a.json': 'alpha' } });
const tuesday = makeDraft({ takenAt: '2025-11-24T06:00:00Z', files: { 'a.json': 'beta' } });
const wednesday = makeDraft({ takenAt: '2025-11-25T06:00:00Z', files: { 'a.json': 'gamma' } });
const onRemote = (format = '%s'): string[] => folder.git('backup.git', 'log', `--format=${format}`, 'main').split('\n');

/** Lets somebody else commit to the remote, in one go. */
function foreignCommit(path = 'notes.txt'): void {
  const subject = `Add ${path}`;
  const lines = ['commit refs/heads/main', 'committer Somebody <somebody@example.com> now', `data ${subject.length}`];
  lines.push(subject, 'from refs/heads/main^0', `M 100644 inline ${path}`, 'data 5', 'notes', '');
  folder.gitWithInput('backup.git', lines.join('\n'), 'fast-import', '--quiet', '--date-format=now');
}

/** Runs once, when a push is about to be received: after the writer has looked at the remote's refs. */
function beforeNextPush(action: () => void): void {
  server.beforeRequest = async ({ method, url }) => {
    if (method !== 'POST' || !url?.includes('receive-pack')) return;
    server.beforeRequest = null;
    action();
  };
}

describe('denied', () => {
  it('a wrong token is denied at once, without being shown', async () => {
    const store = openStore({ auth: { username: 'bot', token: new Secret('wr0ng') } });
    const started = performance.now();
    for (const attempt of [() => store.check(), () => store.latest('prod'), () => store.save(monday)]) {
      const error: unknown = await attempt().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ reason: 'denied', remedy: expect.stringContaining('auth') as string });
      expect(String(error)).not.toContain('wr0ng');
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('a push without a token is denied without a prompt', async () => {
    const store = createGitStore({ name: 'open', remote, cacheDir: folder.at('c'), env: process.env });
    await expect(store.latest('prod')).rejects.toMatchObject({ reason: 'denied' });
  });

  it('a user that may only read is denied by the check and by a save', async () => {
    await openStore().save(monday);
    const store = openStore({ auth: { username: 'viewer', token: new Secret(TOKEN) } });
    expect(await store.list()).toEqual([monday.info]);
    await expect(store.check()).rejects.toMatchObject({ reason: 'denied' });
    await expect(store.save(tuesday)).rejects.toMatchObject({ reason: 'denied' });
    expect(onRemote()).toHaveLength(1);
  });

  it('a push to a branch that a hook protects is denied', async () => {
    folder.write('backup.git/hooks/pre-receive', '#!/bin/sh\necho "GH006: protected branch" >&2\nexit 1\n');
    folder.git('backup.git', 'config', 'core.hooksPath', 'hooks');
    folder.makeExecutable('backup.git/hooks/pre-receive');
    await expect(openStore().save(monday)).rejects.toMatchObject({
      reason: 'denied',
      message: expect.stringContaining('protected') as string,
    });
  });
});

describe('unreachable', () => {
  it('a repository that does not exist is reported as unreachable', async () => {
    await expect(openStore({ remote: server.url('nothing.git') }).list()).rejects.toMatchObject({
      reason: 'not-found',
    });
  });

  it('a host without a server is reported as unreachable', async () => {
    await server[Symbol.asyncDispose]();
    await expect(openStore().latest('prod')).rejects.toMatchObject({ reason: 'unreachable' });
    await expect(openMirror().list()).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringMatching(/could not be asked, and .*mirror has nothing/) as string,
    });
  });

  it('a server that fails is reported until it works again', async () => {
    const store = openStore();
    server.fault = { status: 503 };
    await expect(store.save(monday)).rejects.toMatchObject({ reason: 'unreachable' });
    server.fault = null;
    await store.save(monday);
    expect(onRemote()).toHaveLength(1);
  });

  it('a server that fails once is asked again', async () => {
    server.beforeRequest = async () => {
      server.fault = server.requests.length === 1 ? { status: 502, body: '<html>bad gateway</html>' } : null;
    };
    await openStore().save(monday);
    expect(onRemote()).toHaveLength(1);
  });

  it('a server that is silent is reported after the timeout', async () => {
    server.fault = { hang: true };
    const started = performance.now();
    const store = openStore({ timeouts: { idleMs: 1000 } });
    await expect(store.latest('prod')).rejects.toMatchObject({ reason: 'unreachable' });
    expect(performance.now() - started).toBeLessThan(8000);
  });

  it('a web page in place of a git server is an error, never an empty store', async () => {
    server.fault = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' };
    const store = openStore();
    for (const attempt of [() => store.latest('prod'), () => store.list(), () => store.check()])
      await expect(attempt()).rejects.toMatchObject({ reason: 'format' });
  });
});

describe("one answer that is another server's", () => {
  const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' };

  it.each([1, 2, 3, 4, 5])(
    "one answer that is another server's never looks like an empty store: request %i",
    async (at) => {
      await openLocally().save(monday);
      server.beforeRequest = async () => {
        server.fault = server.requests.length === at ? page : null;
      };
      expect((await openStore().latest('prod'))?.info).toEqual(monday.info);
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7])(
    "one answer that is another server's keeps no snapshot from being pushed: request %i",
    async (at) => {
      await openLocally().save(monday);
      const store = openStore();
      await store.latest('prod');
      const before = server.requests.length;
      server.beforeRequest = async () => {
        server.fault = server.requests.length === before + at ? page : null;
      };
      await store.save(tuesday);
      expect((await openLocally().list('prod')).map(({ id }) => id)).toEqual([tuesday.info.id, monday.info.id]);
    },
  );
});

describe('a push', () => {
  it('a push that lost the race to a foreign commit is made on top of it', async () => {
    const store = openStore();
    await store.save(monday);
    beforeNextPush(() => foreignCommit());
    await store.save(tuesday);

    expect(onRemote()).toEqual([tuesday.info.subject, 'Add notes.txt', monday.info.subject]);
    expect(folder.git('backup.git', 'ls-tree', '-r', '--name-only', 'main')).toBe('notes.txt\nprod/a.json');
  });

  it('a push that finds foreign commits made before is made on top of them', async () => {
    const store = openStore();
    await store.save(monday);
    for (let count = 0; count < 3; count++) foreignCommit(`notes-${count}.txt`);
    await store.save(tuesday);
    expect(onRemote()).toHaveLength(5);
  });

  it('a push that loses the race for too long gives up without harm', async () => {
    const store = openStore({ timeouts: { contentionMs: 500 } });
    await store.save(monday);
    server.beforeRequest = async ({ method, url }) => {
      if (method === 'POST' && url?.includes('receive-pack')) foreignCommit();
    };
    await expect(store.save(tuesday)).rejects.toMatchObject({ reason: 'conflict' });
    server.beforeRequest = null;
    expect(await store.list()).toEqual([monday.info]);
  });

  it('a push whose answer was lost is looked up, not made twice', async () => {
    for (const store of [openStore(), openMirror()]) {
      const draft = makeDraft({ instance: `i${opened.length}`, files: { 'a.json': `${opened.length}` } });
      server.fault = { loseAnswer: true };
      server.beforeRequest = async ({ url, method }) => {
        // The fault holds for one push.
        if (method === 'GET' && url?.includes('upload-pack')) server.fault = null;
      };
      await store.latest(draft.info.instance).catch(() => undefined);
      server.fault = { loseAnswer: true };
      await store.save(draft);
      expect(onRemote().filter((subject) => subject === draft.info.subject)).toHaveLength(1);
    }
  });

  it('a push that is cut off changes nothing, and the next one works', async () => {
    const store = openStore();
    await store.save(monday);
    server.fault = { cutAfterBytes: 100 };
    await expect(store.save(tuesday)).rejects.toMatchObject({ reason: 'unreachable' });
    server.fault = null;
    expect(await store.list()).toEqual([monday.info]);
    await store.save(tuesday);
    expect(await openStore().list()).toEqual([tuesday.info, monday.info]);
  });

  it('a push of many writers at once loses nothing', async () => {
    await openStore().save(monday);
    const drafts = ['a', 'b', 'c', 'd', 'e'].map((instance) => makeDraft({ instance, files: { x: instance } }));
    await Promise.all(drafts.map((draft) => openStore().save(draft)));
    expect(await openStore().list()).toHaveLength(6);
  });
});

describe('a container without a clone', () => {
  beforeEach(async () => {
    const store = openLocally();
    for (let day = 1; day <= 9; day++) {
      const files = { 'a.json': `a ${day}`, 'big.bin': `${day}`.repeat(200_000) };
      await store.save(makeDraft({ takenAt: `2025-10-0${day}T00:00:00Z`, files }));
    }
  });

  it('gets the newest commit alone', async () => {
    const store = openStore({ cacheDir: folder.at('fresh') });
    expect((await store.latest('prod'))?.info.takenAt).toBe('2025-10-09T00:00:00Z');
    expect(folder.git(cloneIn('fresh'), 'rev-list', '--count', 'flowkeep/main')).toBe('1');
  });

  it('a container without a clone lists all without their files, and gets those of a snapshot that is opened', async () => {
    const store = openStore({ cacheDir: folder.at('fresh') });
    const infos = await store.list();
    expect(infos).toHaveLength(9);
    expect(blobsIn('fresh')).toBeLessThanOrEqual(2);

    const before = server.requests.length;
    const snapshot = await store.open('prod', infos[4]?.id ?? '');
    expect(Buffer.from(await snapshot.read('a.json')).toString()).toBe('a 5');
    expect((await snapshot.read('big.bin')).length).toBe(200_000);
    expect(server.requests.length - before).toBeLessThan(12);
    await store.save(monday);
    expect(await openStore().list()).toHaveLength(10);
  });

  it('gets all that is older although others do so in the same clone', async () => {
    for (let round = 0; round < 3; round++) {
      const stores = [1, 2, 3].map(() => openStore({ cacheDir: folder.at(`shared-${round}`) }));
      await stores[0]!.latest('prod');
      const listed = await Promise.all(stores.map((store) => store.list('prod')));
      expect(listed.map((each) => each.length)).toEqual([9, 9, 9]);
    }
  });

  it('a container without a clone finds the latest snapshot of an instance below those of others', async () => {
    await openStore().save(makeDraft({ instance: 'staging', files: { x: 'x' } }));
    foreignCommit();
    const store = openStore();
    expect((await store.latest('prod'))?.info.takenAt).toBe('2025-10-09T00:00:00Z');
    expect(await store.latest('nobody')).toBeNull();
  });

  it('a container without a clone opens an old snapshot by its id at once', async () => {
    const [, , third] = await openStore().list();
    const snapshot = await openStore().open('prod', third?.id ?? '');
    expect(Buffer.from(await snapshot.read('a.json')).toString()).toBe('a 7');
  });

  it('a container without a clone copes with a server that cannot leave anything out', async () => {
    server.withoutFilters = true;
    const store = openStore();
    const infos = await store.list();
    expect(infos).toHaveLength(9);
    expect(await (await store.open('prod', infos[8]?.id ?? '')).read('a.json')).toHaveLength(3);
  });
});

describe('a local repository with a remote', () => {
  it('a local repository with a remote takes over what the remote has, into the work tree too', async () => {
    await openStore().save(monday);
    const store = openMirror();
    expect(await store.list()).toEqual([monday.info]);
    expect(folder.read('mirror/prod/a.json')).toBe('alpha');
    expect((await store.save(tuesday)).warnings).toEqual([]);
    expect(folder.git('mirror', 'status', '--porcelain')).toBe('');
    expect(onRemote()).toHaveLength(2);
  });

  it('a local repository with a remote pushes a commit that could not be pushed with the next look, even if nothing is saved then', async () => {
    const store = openMirror();
    await store.save(monday);
    server.fault = { cutAfterBytes: 1 };
    expect((await store.save(tuesday)).owed).toMatchObject({ reason: 'unreachable' });
    server.fault = null;
    expect(onRemote()).toHaveLength(1);

    expect((await openMirror().latest('prod'))?.info).toEqual(tuesday.info);
    expect(onRemote()).toHaveLength(2);
  });

  it('a local repository with a remote puts its own commits on top where others pushed meanwhile', async () => {
    const store = openMirror();
    await store.save(monday);
    server.fault = { cutAfterBytes: 1 };
    expect((await store.save(tuesday)).owed).toMatchObject({ reason: 'unreachable' });
    server.fault = null;
    foreignCommit();
    await openStore().save(makeDraft({ instance: 'staging', files: { x: 'x' } }));
    expect((await store.save(wednesday)).warnings).toEqual([]);

    expect(onRemote()).toEqual([
      wednesday.info.subject,
      tuesday.info.subject,
      'staging: 1 files',
      'Add notes.txt',
      monday.info.subject,
    ]);
    expect(folder.git('mirror', 'status', '--porcelain')).toBe('');
    expect(folder.read('mirror/prod/a.json')).toBe('gamma');
    expect(folder.has('mirror/notes.txt')).toBe(true);
    expect(await (await store.open('prod', tuesday.info.id)).read('a.json')).toEqual(Buffer.from('beta'));
  });

  it('a local repository with a remote pushes commits of the user along', async () => {
    const store = openMirror();
    await store.save(monday);
    folder.commitFile('mirror', 'mine.txt', 'mine');
    await store.save(tuesday);
    expect(onRemote()).toEqual([tuesday.info.subject, 'Add mine.txt', monday.info.subject]);
  });

  it('a local repository with a remote does not rewrite commits of the user where the two diverged, and says what to do', async () => {
    const store = openMirror();
    await store.save(monday);
    folder.commitFile('mirror', 'mine.txt', 'mine');
    foreignCommit();
    expect((await store.save(tuesday)).owed).toMatchObject({
      reason: 'conflict',
      remedy: expect.stringContaining('pull --rebase') as string,
    });
    expect(folder.git('mirror', 'log', '--format=%s').split('\n')).toEqual([
      tuesday.info.subject,
      'Add mine.txt',
      monday.info.subject,
    ]);

    folder.git('mirror', 'pull', '--quiet', '--rebase', folder.at('backup.git'), 'main');
    expect(await store.save(tuesday)).toMatchObject({ filesWritten: 0 });
    expect(onRemote()).toEqual([tuesday.info.subject, 'Add mine.txt', 'Add notes.txt', monday.info.subject]);
  });

  it('a local repository with a remote opens what it has while the remote is away', async () => {
    const store = openMirror();
    await store.save(monday);
    server.fault = { status: 503 };
    expect(await (await openMirror().open('prod', monday.info.id)).read('a.json')).toEqual(Buffer.from('alpha'));
    expect(await store.list()).toEqual([monday.info]);
  });

  it('a local repository with a remote is checked without being made', async () => {
    await openMirror().check();
    expect(folder.has('mirror')).toBe(false);
  });
});

describe('documents on a remote', () => {
  it('documents on a remote are written once although the answer was lost', async () => {
    const store = openStore();
    const first = await store.writeDocument('lock', Buffer.from('one'), null);
    server.fault = { loseAnswer: true };
    server.beforeRequest = async ({ method, url }) => {
      if (method === 'GET' && url?.includes('upload-pack') && server.requests.at(-2)?.includes('POST'))
        server.fault = null;
    };
    const second = await store.writeDocument('lock', Buffer.from('two'), first);
    expect(await openStore().readDocument('lock')).toEqual({ content: Buffer.from('two'), version: second });
  });

  it('fail without effect while the remote is away', async () => {
    const store = openStore();
    server.fault = { status: 503 };
    await expect(store.readDocument('lock')).rejects.toMatchObject({ reason: 'unreachable' });
    await expect(store.writeDocument('lock', Buffer.from('x'), null)).rejects.toMatchObject({
      reason: 'unreachable',
    });
    server.fault = null;
    expect(await store.readDocument('lock')).toBeNull();
  });
});

it('a push leaves the token in no file and no outgoing commit behind', async () => {
  const store = openStore({ cacheDir: folder.at('cache') });
  await store.save(monday);
  server.fault = { cutAfterBytes: 1 };
  await store.save(tuesday).catch(() => undefined);

  const forms = [TOKEN, encodeURIComponent(TOKEN), Buffer.from(`bot:${TOKEN}`).toString('base64')];
  for (const file of filesBelow(folder.at('cache'))) {
    const content = readFileSync(file, 'latin1');
    for (const form of forms) expect(content.includes(form), file).toBe(false);
  }
  expect(folder.git(cloneIn('cache'), 'for-each-ref', 'refs/flowkeep/outgoing')).toBe('');
});

it('a run that is interrupted while the server is silent ends at once', async () => {
  const store = openStore({ timeouts: { idleMs: 60_000 } });
  const controller = new AbortController();
  server.fault = { hang: true };
  server.beforeRequest = async () => controller.abort();
  const started = performance.now();
  await expect(store.latest('prod', controller.signal)).rejects.toMatchObject({ code: 'interrupted' });
  expect(performance.now() - started).toBeLessThan(3000);
});

function cloneIn(cache: string): string {
  const [name = ''] = readdirSync(folder.at(cache));
  return join(cache, name);
}

function blobsIn(cache: string): number {
  const objects = folder.git(cloneIn(cache), 'cat-file', '--batch-all-objects', '--batch-check=%(objecttype)');
  return objects.split('\n').filter((type) => type === 'blob').length;
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
}
