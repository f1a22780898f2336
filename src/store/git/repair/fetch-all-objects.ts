import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitContext, GitEnvironment } from '../process/git-environment.ts';
import type { RefPair } from '../repository/refs.ts';
import type { Remote } from '../repository/remote.ts';
import { openCache } from '../repository/repository.ts';
import { commonDirOf } from './places.ts';

/**
 * Puts everything that the remote has of the branch and of the documents beside what is here, as one more pack. It is
 * fetched into a repository of its own: a fetch into a damaged one believes that it has what it has lost.
 */
export async function fetchAllObjects(
  remote: Remote,
  context: GitContext,
  refs: RefPair,
  environment: GitEnvironment,
  signal?: AbortSignal,
): Promise<void> {
  const objects = join(commonDirOf(context), 'objects');
  const folder = await mkdtemp(join(objects, 'tmp_objdir-fetch-'));
  try {
    const fresh = await openCache(join(folder, 'fresh.git'), environment, signal);
    await remote.fetchAll(fresh, refs, signal);
    const packs = join(fresh.gitDir, 'objects', 'pack');
    // A pack counts once its index is there.
    const names = (await readdir(packs))
      .filter((name) => /^pack-.*\.(pack|idx)$/.test(name))
      .sort()
      .reverse();
    for (const name of names) await rename(join(packs, name), join(objects, 'pack', name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
