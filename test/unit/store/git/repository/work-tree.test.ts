import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, utimesSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { SnapshotDraft, Store } from '../../../../../src/store/store.ts';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

let folder: GitFolder;
let store: Store;
beforeEach(() => {
  folder = new GitFolder();
  store = createGitStore({ name: 'repo', path: folder.at('repo'), cacheDir: folder.at('cache'), env: process.env });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const monday = makeDraft({
  takenAt: '2026-11-23T06:00:00Z',
  files: { 'a.json': 'alpha', 'gone.json': 'gone' },
});
const tuesday = makeDraft({
  takenAt: '2026-11-24T06:00:00Z',
  files: { 'a.json': 'beta', 'new.json': 'new' },
});
const wednesday = makeDraft({ takenAt: '2026-11-25T06:00:00Z', files: { 'a.json': 'gamma' } });

const status = (): string => folder.git('repo', 'status', '--porcelain');
const savedFiles = async (draft: SnapshotDraft): Promise<string[]> => [
  ...(await store.open('prod', draft.info.id)).files.keys(),
];

describe('a new repository', () => {
  it('a new repository has the files checked out and nothing to commit', async () => {
    expect((await store.save(monday)).warnings).toEqual([]);
    expect(folder.read('repo/prod/a.json')).toBe('alpha');
    expect(status()).toBe('');

    expect((await store.save(tuesday)).warnings).toEqual([]);
    expect(folder.read('repo/prod/a.json')).toBe('beta');
    expect(folder.has('repo/prod/gone.json')).toBe(false);
    expect(status()).toBe('');
  });

  it('a new repository has a commit that people can read, at the time of the snapshot', async () => {
    const draft = makeDraft({
      files: { a: 'a' },
      subject: 'prod: 1 workflow added: Käse',
      body: 'added:\n  Käse',
    });
    await store.save({ ...draft, info: { ...draft.info, flags: ['partial', 'shrunk'] } });

    expect(folder.git('repo', 'log', '--format=%s%n%n%b%n%ci')).toBe(
      [
        'prod: 1 workflow added: Käse\n',
        'added:\n  Käse\n',
        `Flowkeep-Snapshot: ${draft.info.id}`,
        'Flowkeep-Instance: prod\nFlowkeep-Format: 1\nN8n-Version: 2.41.1\nFlowkeep-Flags: partial, shrunk',
        `Flowkeep-Digest: ${draft.info.digest}\n`,
        '2026-11-23 01:54:42 +0000',
      ].join('\n'),
    );
  });

  it('a new repository is made beside, not in, a repository around it', async () => {
    folder.createRepository('outer');
    folder.commitFile('outer', 'README.md', 'outer');
    const inner = createGitStore({
      name: 'inner',
      path: folder.at('outer/backup'),
      cacheDir: folder.at('cache'),
      env: process.env,
    });
    expect(await inner.list()).toEqual([]);
    await inner.save(monday);

    expect(folder.git('outer', 'log', '--format=%s')).toBe('Add README.md');
    expect(folder.git('outer/backup', 'log', '--format=%s')).toBe(monday.info.subject);
  });

  it('a new repository is made on a disk that is empty but for lost+found, and completed where an init was cut off', async () => {
    folder.write('repo/lost+found/x', '');
    folder.write('repo/.git/objects/x', '');
    await store.save(monday);
    expect(await savedFiles(monday)).toEqual(['a.json', 'gone.json']);
  });

  it('a new repository is not made where a folder holds other things', async () => {
    folder.write('repo/thesis.txt', 'precious');
    for (const attempt of [() => store.check(), () => store.list(), () => store.save(monday)])
      await expect(attempt()).rejects.toMatchObject({
        reason: 'format',
        remedy: expect.stringContaining('git init') as string,
      });
    expect(folder.has('repo/.git')).toBe(false);
  });

  it('a new repository is not made where a file stands', async () => {
    folder.write('repo', 'a file');
    await expect(store.save(monday)).rejects.toMatchObject({ reason: 'format' });
  });
});

describe('what others have in the repository', () => {
  beforeEach(() => {
    folder.createRepository('repo');
    folder.commitFile('repo', 'README.md', 'ours');
    folder.commitFile('repo', 'prod-notes/a.txt', 'notes');
  });

  it('what others have in the repository stays, tracked, untracked or staged', async () => {
    folder.write('repo/untracked.txt', 'untracked');
    folder.write('repo/staged.txt', 'staged');
    folder.git('repo', 'add', 'staged.txt');
    folder.write('repo/README.md', 'edited');
    await store.save(monday);
    expect((await store.save(tuesday)).warnings).toEqual([]);

    expect(folder.git('repo', 'ls-tree', '-r', '--name-only', 'HEAD')).toBe(
      ['README.md', 'prod-notes/a.txt', 'prod/a.json', 'prod/new.json'].join('\n'),
    );
    expect(
      status()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['M README.md', 'A  staged.txt', '?? untracked.txt']);
    expect(folder.read('repo/README.md')).toBe('edited');
  });

  it('what others have in the repository stays in a repository whose first commit is ours', async () => {
    folder.createRepository('fresh');
    folder.write('fresh/staged.txt', 'staged');
    folder.git('fresh', 'add', 'staged.txt');
    const fresh = createGitStore({
      name: 'fresh',
      path: folder.at('fresh'),
      cacheDir: folder.at('cache'),
      env: process.env,
    });
    await fresh.save(monday);
    expect(folder.git('fresh', 'status', '--porcelain')).toBe('A  staged.txt');
    expect(folder.read('fresh/staged.txt')).toBe('staged');
  });

  it('a save keeps a changed file of others, and says which and what to do', async () => {
    await store.save(monday);
    folder.write('repo/prod/a.json', 'my edit');
    const { warnings } = await store.save(tuesday);

    expect(warnings).toEqual([expect.stringMatching(/is saved, but .*prod\/a\.json.*stash/)]);
    expect(folder.read('repo/prod/a.json')).toBe('my edit');
    expect(await savedFiles(tuesday)).toEqual(['a.json', 'new.json']);
  });

  it('a save keeps an untracked file that is in the way', async () => {
    await store.save(monday);
    folder.write('repo/prod/new.json', 'somebody put this here');
    expect((await store.save(tuesday)).warnings).toEqual([expect.stringContaining('prod/new.json')]);
    expect(folder.read('repo/prod/new.json')).toBe('somebody put this here');
  });

  it('the work tree catches up once the change is gone', async () => {
    await store.save(monday);
    folder.write('repo/prod/a.json', 'my edit');
    await store.save(tuesday);
    folder.write('repo/prod/a.json', 'alpha');
    expect((await store.save(wednesday)).warnings).toEqual([]);

    expect(folder.read('repo/prod/a.json')).toBe('gamma');
    expect(folder.has('repo/prod/new.json')).toBe(false);
    expect(status()).toBe('');
  });

  it('the work tree catches up after the remedy of the warning', async () => {
    await store.save(monday);
    folder.write('repo/prod/a.json', 'my edit');
    await store.save(tuesday);
    folder.git('repo', 'stash');
    folder.git('repo', 'reset', '--hard', '--quiet');
    expect((await store.save(wednesday)).warnings).toEqual([]);
    expect(status()).toBe('');
    expect(folder.read('repo/prod/a.json')).toBe('gamma');
  });

  it('a save does not count a file that was only touched as changed', async () => {
    await store.save(monday);
    folder.write('repo/prod/a.json', 'alpha');
    expect((await store.save(tuesday)).warnings).toEqual([]);
    expect(folder.read('repo/prod/a.json')).toBe('beta');
  });

  it('a save refuses an instance whose folder is a file of others', async () => {
    folder.commitFile('repo', 'prod', 'a file named prod');
    await expect(store.save(monday)).rejects.toMatchObject({ reason: 'format' });
    expect(folder.read('repo/prod')).toBe('a file named prod');
  });
});

describe('where the branch is not checked out', () => {
  beforeEach(async () => {
    await store.save(monday);
  });

  it('a save leaves a detached HEAD and its files alone', async () => {
    folder.git('repo', 'checkout', '--quiet', '--detach');
    expect((await store.save(tuesday)).warnings).toEqual([]);
    expect(folder.read('repo/prod/a.json')).toBe('alpha');
    expect(status()).toBe('');
    expect(folder.git('repo', 'log', '-1', '--format=%s', 'main')).toBe(tuesday.info.subject);
  });

  it('a save leaves another branch alone', async () => {
    folder.git('repo', 'checkout', '--quiet', '-b', 'topic');
    await store.save(tuesday);
    expect(folder.read('repo/prod/a.json')).toBe('alpha');
    expect(status()).toBe('');
    folder.git('repo', 'checkout', '--quiet', 'main');
    expect(folder.read('repo/prod/a.json')).toBe('beta');
  });

  it('a save warns of another work tree that has it', async () => {
    folder.git('repo', 'checkout', '--quiet', '-b', 'topic');
    folder.git('repo', 'worktree', 'add', '--quiet', folder.at('linked'), 'main');
    expect((await store.save(tuesday)).warnings).toEqual([expect.stringContaining(folder.at('linked'))]);
    expect(folder.read('linked/prod/a.json')).toBe('alpha');
  });

  it('a save works in a linked work tree of its own', async () => {
    folder.git('repo', 'checkout', '--quiet', '-b', 'topic');
    folder.git('repo', 'worktree', 'add', '--quiet', folder.at('linked'), 'main');
    const linked = createGitStore({
      name: 'linked',
      path: folder.at('linked'),
      cacheDir: folder.at('cache'),
      env: process.env,
    });
    expect((await linked.save(tuesday)).warnings).toEqual([]);
    expect(folder.read('linked/prod/a.json')).toBe('beta');
    expect(folder.git('linked', 'status', '--porcelain')).toBe('');
  });

  it('a save makes a branch that is missing, with a history of its own', async () => {
    const other = createGitStore({
      name: 'other',
      path: folder.at('repo'),
      cacheDir: folder.at('cache'),
      branch: 'backups/n8n',
      env: process.env,
    });
    expect(await other.list()).toEqual([]);
    await other.save(tuesday);
    expect(await other.list()).toEqual([tuesday.info]);
    expect(await store.list()).toEqual([monday.info]);
    expect(status()).toBe('');
  });
});

describe('repositories of other kinds', () => {
  it('repositories of other kinds may be bare', async () => {
    folder.createRepository('repo', '--bare');
    await store.save(monday);
    await store.save(tuesday);
    expect(await savedFiles(tuesday)).toEqual(['a.json', 'new.json']);
    expect(folder.has('repo/prod')).toBe(false);
  });

  it('repositories of other kinds may use SHA-256', async () => {
    folder.createRepository('repo', '--object-format=sha256');
    await store.save(monday);
    const again = makeDraft({ takenAt: '2026-11-24T06:00:00Z', files: { 'a.json': 'alpha', 'b.json': 'b' } });
    expect(await store.save(again)).toMatchObject({ filesWritten: 1, warnings: [] });
    expect((await store.latest('prod'))?.matches('a.json', Buffer.from('alpha'))).toBe(true);
    expect(status()).toBe('');
  });

  it('repositories of other kinds may have attributes, hooks and signing that would change or stop a commit', async () => {
    folder.createRepository('repo');
    folder.commitFile('repo', '.gitattributes', '* text eol=crlf\n');
    folder.write('repo/.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
    folder.write('repo/.git/hooks/reference-transaction', '#!/bin/sh\nexit 1\n');
    folder.git('repo', 'config', 'commit.gpgSign', 'true');
    folder.git('repo', 'config', 'core.autocrlf', 'true');
    folder.git('repo', 'config', 'log.showSignature', 'true');
    const draft = makeDraft({ files: { 'lf.txt': 'a\nb\n' } });
    await store.save(draft);
    expect(Buffer.from(await (await store.open('prod', draft.info.id)).read('lf.txt')).toString()).toBe('a\nb\n');
  });
});

describe('locks that somebody else holds', () => {
  beforeEach(async () => {
    await store.save(monday);
  });

  it('locks that somebody else holds on the index: the snapshot is saved, and the warning names the lock', async () => {
    folder.write('repo/.git/index.lock', '');
    expect((await store.save(tuesday)).warnings).toEqual([expect.stringContaining('index.lock')]);
    expect(await savedFiles(tuesday)).toEqual(['a.json', 'new.json']);

    rmSync(folder.at('repo/.git/index.lock'));
    expect((await store.save(wednesday)).warnings).toEqual([]);
    expect(status()).toBe('');
  });

  it('locks that somebody else holds on the branch: nothing is saved, and the error names the lock and the remedy', async () => {
    folder.write('repo/.git/refs/heads/main.lock', '');
    const anHourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(folder.at('repo/.git/refs/heads/main.lock'), anHourAgo, anHourAgo);
    // A git that works there, as far as anybody can see.
    const git = spawn('git', ['cat-file', '--batch'], {
      cwd: folder.at('repo'),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    onTestFinished(() => void git.kill());
    await once(git, 'spawn');
    await expect(store.save(tuesday)).rejects.toMatchObject({
      message: expect.stringContaining('main.lock') as string,
      remedy: expect.stringContaining('delete') as string,
    });
    expect(await store.list()).toEqual([monday.info]);
  });
});

it('the commit message keeps subjects and bodies from forging lines or trailers', async () => {
  const evil = 'x\n\nFlowkeep-Snapshot: 20990101T000000Z-deadbeef\nFlowkeep-Instance: other\u0000\u001b[31m';
  const draft = makeDraft({ files: { a: 'a' }, subject: evil, body: evil });
  await store.save(draft);

  const [info] = await store.list();
  expect(info).toMatchObject({ id: draft.info.id, instance: 'prod' });
  expect(info?.subject).not.toMatch(/[\n\u0000\u001b]/);
  expect(await store.list('other')).toEqual([]);
});

it('the listing leaves out commits by others, also those that quote a snapshot', async () => {
  await store.save(monday);
  folder.git('repo', 'commit', '--quiet', '--allow-empty', '-m', `Note\n\nFlowkeep-Snapshot: ${monday.info.id}\n\nend`);
  folder.git('repo', 'commit', '--quiet', '--allow-empty', '-m', 'Flowkeep-Instance: prod');
  expect(await store.list()).toEqual([monday.info]);
  expect((await store.latest('prod'))?.info).toEqual(monday.info);
});
