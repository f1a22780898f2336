import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../src/store/git/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { encrypted, newKeys } from '../../support/encryption.ts';
import { makeDraft } from '../../support/drafts.ts';
import { GitFolder } from '../../support/git-folder.ts';

let folder: GitFolder;
beforeEach(() => (folder = new GitFolder()));
afterEach(() => folder[Symbol.dispose]());

async function openStore(path: string): Promise<Store> {
  const { recipient } = await newKeys();
  const inner = createGitStore({ name: 'repo', path, cacheDir: folder.at('cache'), env: process.env });
  return encrypted(inner, { recipient });
}

/** Where git's ids are not those that the index has, the newest snapshot is read instead. */
it('an encrypted store in a repository with SHA-256 ids notices a file that was swapped', async () => {
  await using store = await openStore(folder.createRepository('backup', '--object-format=sha256'));
  await store.save(makeDraft({ files: { 'flowkeep.json': '{}\n', 'tags.json': 'a', 'variables.json': 'b' } }));
  expect((await store.latest('prod'))?.doubts).toEqual([]);

  folder.git('backup', 'reset', '--hard', '--quiet');
  folder.write('backup/prod/tags.json.age', 'garbage');
  folder.git('backup', 'commit', '--quiet', '--all', '--amend', '--no-edit');
  expect((await store.latest('prod'))?.doubts).toEqual(['files are not those that its index names: tags.json.age']);
});

it.each(['', ' \n', '2.41.1'])(
  'an encrypted git store has no doubt of its own snapshot of n8n %j',
  async (n8nVersion) => {
    await using store = await openStore(folder.createRepository('backup'));
    await store.save(makeDraft({ n8nVersion, files: { 'flowkeep.json': '{}\n', 'tags.json': 'a' } }));
    expect((await store.latest('prod'))?.doubts).toEqual([]);
  },
);
