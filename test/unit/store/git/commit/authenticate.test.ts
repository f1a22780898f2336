import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sha256 } from '../../../../../src/lib/hash.ts';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

let folder: GitFolder;
beforeEach(() => (folder = new GitFolder()));
afterEach(() => folder[Symbol.dispose]());

it('a git store that is given the hashes of the files reads none of them to say whether they are what was saved', async () => {
  const path = folder.at('backup');
  await using store = createGitStore({ name: 'repo', path, cacheDir: folder.at('cache'), env: process.env });
  const files = { 'a.json': 'alpha', 'b.json': 'beta' };
  const draft = makeDraft({ files });
  await store.save(draft);
  const snapshot = await store.open('prod', draft.info.id);

  rmSync(folder.at('backup/.git/objects'), { recursive: true });
  const hashes = new Map(Object.entries(files).map(([name, content]) => [name, sha256(content)]));
  expect(await snapshot.authenticate(undefined, hashes)).toEqual({ state: 'verified' });
  hashes.set('a.json', sha256('edited'));
  expect(await snapshot.authenticate(undefined, hashes)).toMatchObject({ state: 'altered' });
  await expect(snapshot.authenticate()).rejects.toThrow();
});
