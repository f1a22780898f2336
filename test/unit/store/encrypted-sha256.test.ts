import { expect, it } from 'vitest';
import { createGitStore } from '../../../src/store/git/store.ts';
import { encrypted, newKeys } from '../../support/encryption.ts';
import { makeDraft } from '../../support/drafts.ts';
import { GitFolder } from '../../support/git-folder.ts';

/** Where git's ids are not those that the index has, the newest snapshot is read instead. */
it('an encrypted store in a repository with SHA-256 ids notices a file that was swapped', async () => {
  using folder = new GitFolder();
  const path = folder.createRepository('backup', '--object-format=sha256');
  const { recipient } = await newKeys();
  await using store = encrypted(
    createGitStore({ name: 'repo', path, cacheDir: folder.at('cache'), env: process.env }),
    { recipient },
  );
  await store.save(makeDraft({ files: { 'flowkeep.json': '{}\n', 'tags.json': 'a', 'variables.json': 'b' } }));
  expect((await store.latest('prod'))?.doubts).toEqual([]);

  folder.git('backup', 'reset', '--hard', '--quiet');
  folder.write('backup/prod/tags.json.age', 'garbage');
  folder.git('backup', 'commit', '--quiet', '--all', '--amend', '--no-edit');
  expect((await store.latest('prod'))?.doubts).toEqual(['files are not those that its index names: tags.json.age']);
});
