import { readFileSync, statSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../../src/lib/secrets/secret.ts';
import { git } from '../../../../../src/store/git/process/git.ts';
import { buildGitEnvironment } from '../../../../../src/store/git/process/git-environment.ts';
import { findRepository } from '../../../../../src/store/git/repository/repository.ts';
import { READ_SETTINGS } from '../../../../../src/store/git/repository/settings.ts';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';
import { GitHttpServer } from '../../../../support/git-http.ts';
import { Listeners } from '../../../../support/hostile/listeners.ts';
import { plant } from '../../../../support/secrets/planted.ts';

const TOKEN = plant('planted-token-of-a-prepared-repository', 'token of git');
const DOC = fileURLToPath(new URL('../../../../../docs/internal/git-settings.md', import.meta.url));

let folder: GitFolder;
beforeEach(() => {
  folder = new GitFolder();
  folder.createRepository('repo');
});
afterEach(() => folder[Symbol.dispose]());

const monday = makeDraft({ takenAt: '2026-11-23T06:00:00Z', files: { 'a.json': 'alpha' } });
const tuesday = makeDraft({ takenAt: '2026-11-24T06:00:00Z', files: { 'a.json': 'beta' } });

function openStore(remote: string): AsyncDisposable & ReturnType<typeof createGitStore> {
  return createGitStore({
    name: 'repo',
    path: folder.at('repo'),
    cacheDir: folder.at('cache'),
    remote,
    auth: { username: 'bot', token: new Secret(TOKEN) },
    clock: { now: Date.now, random: Math.random, sleep: async () => undefined },
    // No proxy of the machine that runs the tests.
    env: { PATH: process.env.PATH, HOME: folder.path },
  });
}

/** Every setting that the installed git knows, with a name in the place of each blank. */
function everySetting(): string[] {
  const listed = folder.git('repo', 'help', '-c').split('\n');
  // Two are none that git takes in a configuration file: one with a `_`, and a condition of `includeIf`.
  const names = listed.filter((name) => /^[a-z]+\.\S+$/i.test(name) && !name.includes('_'));
  return names.map((name) => name.replace(/<[^>]*>|\*|\(.*\)/g, 'x').replace(/\[.*\]/, ''));
}

describe('the settings of a repository', () => {
  it('no setting that git knows reaches git from a repository, but for those that say how to read its files', async () => {
    const settings = everySetting().filter((name) => !name.startsWith('extensions.') && !name.endsWith('.promisor'));
    expect(settings.length).toBeGreaterThan(500);
    const text = settings.map((name) => {
      const [section, ...rest] = name.split('.');
      const key = rest.pop();
      return `[${section}${rest.length === 0 ? '' : ` "${rest.join('.')}"`}]\n\t${key} = group\n`;
    });
    folder.write('repo/.git/config', `${text.join('')}[core]\n\trepositoryformatversion = 0\n`);
    const environment = buildGitEnvironment({ env: process.env, idleMs: 1000 });
    const context = await findRepository(folder.at('repo'), folder.at('cache'), environment);
    if (!context) throw new Error('no repository');
    const shown = await git(context, ['config', '--list', '--show-scope', '--name-only', '-z']);
    const fields = shown.split('\0');
    const local = fields.filter((_field, index) => index % 2 === 1 && fields[index - 1] !== 'command');
    expect(local.sort()).toEqual(['core.repositoryformatversion', 'core.sharedrepository', 'gc.auto']);
    expect(new Set(fields.filter((_field, index) => index % 2 === 0))).toEqual(new Set(['local', 'command', '']));
  });

  it('every setting that git knows has a verdict in docs/internal/git-settings.md', () => {
    const doc = readFileSync(DOC, 'utf8').toLowerCase();
    const named = new Set([...doc.matchAll(/`([\w-]+(?:\.\S+)?)`/g)].map((match) => match[1] ?? ''));
    const hasVerdict = (name: string): boolean => named.has(name) || named.has(`${name.split('.')[0]}.*`);
    expect(everySetting().filter((name) => !hasVerdict(name.toLowerCase()))).toEqual([]);
    expect(Object.keys(READ_SETTINGS).filter((name) => !named.has(name))).toEqual([]);
  });
});

describe('the token of the remote', () => {
  let strangers: Listeners;
  beforeEach(async () => {
    strangers = await Listeners.start(folder.path);
  });
  afterEach(() => strangers[Symbol.asyncDispose]());

  const off = ['http.sslVerify', 'false'] as const;
  it.each<[string, (at: Listeners) => readonly (readonly [string, string])[]]>([
    ['http.sslVerify', () => [off]],
    ['http.<url>.sslVerify', ({ tls }) => [[`http.${tls}/.sslVerify`, 'false']]],
    ['http.sslCAInfo', ({ certificate }) => [['http.sslCAInfo', certificate]]],
    ['include.path', () => [['include.path', '../../included']]],
    ['includeIf', () => [['includeIf.gitdir:/.path', '../../included']]],
    ['extensions.worktreeConfig', () => [['extensions.worktreeConfig', 'true']]],
    ['url.insteadOf', ({ tls }) => [off, [`url.${tls}/other/.insteadOf`, `${tls}/`]]],
    ['url.pushInsteadOf', ({ tls }) => [off, [`url.${tls}/other/.pushInsteadOf`, `${tls}/`]]],
  ])(
    'the token of the remote is not given to a server with a certificate of its own by %s',
    async (_name, settings) => {
      folder.write('included', '[http]\n\tsslVerify = false\n');
      folder.write('repo/.git/config.worktree', '[http]\n\tsslVerify = false\n');
      for (const setting of settings(strangers)) folder.git('repo', 'config', '--add', ...setting);
      await using store = openStore(`${strangers.tls}/backup.git`);
      await expect(store.check()).rejects.toThrow(/TLS certificate is not trusted/);
      expect((await store.save(monday)).owed?.message).toMatch(/TLS certificate is not trusted/);
      expect(strangers.heard).toEqual([]);
    },
  );

  it.each<[string, (proxy: string) => readonly [string, string]]>([
    ['http.proxy', (proxy) => ['http.proxy', proxy]],
    ['http.<url>.proxy', (proxy) => ['http.http://git.example.invalid/backup.git.proxy', proxy]],
    ['remote.<name>.proxy', (proxy) => ['remote.flowkeep.proxy', proxy]],
    ['remote.<name>.url', (proxy) => ['remote.flowkeep.url', `${proxy}/x.git`]],
    ['url.insteadOf', (proxy) => [`url.${proxy}/.insteadOf`, 'http://git.example.invalid/']],
    ['http.curloptResolve', () => ['http.curloptResolve', '+git.example.invalid:80:127.0.0.1']],
  ])(
    'the token of the remote is not given to a proxy or an address that a repository names by %s',
    async (...given) => {
      const [name, setting] = given;
      folder.git('repo', 'config', '--add', ...setting(strangers.proxy));
      await using store = openStore('http://git.example.invalid/backup.git');
      await expect(store.check()).rejects.toThrow(/name cannot be resolved/);
      expect(strangers.heard).toEqual([]);
      if (!name.startsWith('http')) return;
      await expect(store.check()).rejects.toMatchObject({
        remedy: expect.stringMatching(/sets http\..*HTTPS_PROXY/) as string,
      });
    },
  );
});

describe('a remote over http', () => {
  let server: GitHttpServer;
  beforeEach(async () => {
    server = await GitHttpServer.start({ root: folder.at('.'), users: { bot: TOKEN } });
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it('a repository with http.cookieFile and saveCookies overwrites no file', async () => {
    const remote = server.createRepository('remote.git');
    folder.write('precious', 'precious');
    utimesSync(folder.at('precious'), 1, 1);
    folder.git('repo', 'config', 'http.cookieFile', folder.at('precious'));
    folder.git('repo', 'config', 'http.saveCookies', 'true');
    server.cookie = 'sid=x; Max-Age=99999; Path=/';
    await using store = openStore(remote);
    await store.save(monday);
    expect(folder.read('precious')).toBe('precious');
    expect(statSync(folder.at('precious')).mtimeMs).toBe(1000);
  });

  it('what people set in their own repository stays, and keeps no backup from being taken', async () => {
    const remote = server.createRepository('remote.git');
    const settings = [
      ['user.name', 'Somebody'],
      ['remote.origin.url', 'https://git.example.invalid/other.git'],
      ['remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*'],
      ['branch.main.remote', 'origin'],
      ['branch.main.merge', 'refs/heads/main'],
      ['branch.main.vscode-merge-base', 'origin/main'],
      ['filter.lfs.clean', 'git-lfs clean -- %f'],
      ['filter.lfs.smudge', 'git-lfs smudge -- %f'],
      ['filter.lfs.process', 'git-lfs filter-process'],
      ['filter.lfs.required', 'true'],
      ['lfs.repositoryformatversion', '0'],
      ['credential.helper', 'store'],
      ['core.hooksPath', '.husky'],
      ['core.sshCommand', 'ssh -i ~/.ssh/other'],
      ['commit.gpgSign', 'true'],
      ['pull.rebase', 'true'],
      ['include.path', '../.gitconfig'],
      ['gc.auto', '0'],
    ] as const;
    for (const [name, value] of settings) folder.git('repo', 'config', name, value);
    folder.write('repo/.gitattributes', '*.json filter=lfs\n');
    const before = folder.read('repo/.git/config');
    await using store = openStore(remote);
    await store.check();
    expect((await store.save(monday)).warnings).toEqual([]);
    expect((await store.save(tuesday)).warnings).toEqual([]);
    expect(folder.read('repo/prod/a.json')).toBe('beta');
    expect(folder.read('repo/.git/config')).toBe(before);
    expect(folder.git('remote.git', 'rev-parse', 'main')).toBe(folder.git('repo', 'rev-parse', 'main'));
  });

  it('a shortened clone is whole, for people too, once all snapshots are listed', async () => {
    const remote = server.createRepository('remote.git');
    await using store = openStore(remote);
    await store.save(monday);
    await store.save(tuesday);
    folder.git('.', 'clone', '--quiet', '--depth=1', `file://${folder.at('remote.git')}`, 'short');
    await using short = createGitStore({
      name: 'short',
      path: folder.at('short'),
      cacheDir: folder.at('cache'),
      remote: `file://${folder.at('remote.git')}`,
      env: process.env,
    });
    expect(folder.git('short', 'rev-parse', '--is-shallow-repository')).toBe('true');
    expect(await short.list('prod')).toHaveLength(2);
    expect(folder.git('short', 'rev-parse', '--is-shallow-repository')).toBe('false');
    expect(folder.git('short', 'log', '--format=%h').split('\n')).toHaveLength(2);
    folder.git('short', 'fsck');
  });
});
