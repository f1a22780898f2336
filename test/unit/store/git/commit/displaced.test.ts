import { expect, it } from 'vitest';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

it('a snapshot without files, which has no folder, is not taken for one whose folder is gone', async () => {
  using folder = new GitFolder();
  const path = folder.createRepository('backup');
  await using store = createGitStore({ name: 'repo', path, cacheDir: folder.at('cache'), env: process.env });
  await store.save(makeDraft({ files: {} }));
  const latest = await store.latest('prod');
  expect([latest?.files.size, latest?.displaced]).toEqual([0, undefined]);
});
