import { afterEach, beforeEach, expect, it } from 'vitest';
import type { GitAuthor } from '../../../../../src/store/git/options.ts';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

let folder: GitFolder;
beforeEach(() => {
  folder = new GitFolder();
});
afterEach(() => folder[Symbol.dispose]());

const draft = makeDraft({ files: { 'a.json': 'alpha' } });
const openStore = (author?: GitAuthor): Store =>
  createGitStore({
    name: 'repo',
    path: folder.at('repo'),
    cacheDir: folder.at('cache'),
    env: process.env,
    ...(author ? { author } : {}),
  });
const peopleOf = (ref: string): string => folder.git('repo', 'log', '-1', '--format=%an %ae %cn %ce', ref);
const signedOffBy = (ref: string): string =>
  folder.git('repo', 'log', '-1', '--format=%(trailers:key=Signed-off-by,valueonly)', ref);

it('author of a git store is author and committer of snapshots and documents, and signs them off if it is to', async () => {
  await using store = openStore({ name: 'Backup Bot', email: 'bot@example.com', signOff: true });
  await store.save(draft);
  await store.writeDocument('locks/prod', Buffer.from('{}'), null);
  const document = folder.git('repo', 'for-each-ref', '--format=%(refname)', 'refs/flowkeep/documents');
  for (const ref of ['main', document]) {
    expect(peopleOf(ref)).toBe('Backup Bot bot@example.com Backup Bot bot@example.com');
    expect(signedOffBy(ref)).toBe('Backup Bot <bot@example.com>');
  }
  expect(await store.list('prod')).toEqual([draft.info]);
});

it('author of a git store is flowkeep where nothing is said, whatever the repository says, and signs nothing off', async () => {
  folder.createRepository('repo');
  folder.git('repo', 'config', 'user.name', 'Somebody Else');
  folder.git('repo', 'config', 'author.email', 'else@example.com');
  await using store = openStore();
  await store.save(draft);
  expect(peopleOf('main')).toBe('flowkeep flowkeep@localhost flowkeep flowkeep@localhost');
  expect(signedOffBy('main')).toBe('');
});
