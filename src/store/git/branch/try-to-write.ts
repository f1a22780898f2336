import { mkdtemp, rmdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../../../lib/errors.ts';
import { makeFolder } from '../../../lib/make-folder.ts';

/**
 * Makes a folder with a file in it where a backup would, and removes both: rights alone do not tell of a full disk, of
 * one that was mounted to be read, or of a file system that takes no files.
 * @param gitDir the repository's common folder
 * @throws what the system says
 */
export async function tryToWrite(gitDir: string): Promise<void> {
  // Named like git's own folders of new objects, which are cleaned up should this process be killed just now.
  const folder = await mkdtemp(join(gitDir, 'objects', 'tmp_objdir-check-'));
  try {
    await writeFile(join(folder, 'file'), 'flowkeep looks whether it can write here\n', { flush: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same where there is no repository yet: makes the folders that are missing, and removes them again. */
export async function tryToMake(path: string): Promise<void> {
  const first = await makeFolder(path);
  try {
    const folder = await mkdtemp(join(path, '.flowkeep-check-'));
    try {
      await writeFile(join(folder, 'file'), 'flowkeep looks whether it can write here\n', { flush: true });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    if (first !== undefined) await removeEmpty(path, dirname(first));
  }
}

/** Removes empty folders from the innermost to below `end`. Another run may have begun to write there meanwhile. */
async function removeEmpty(path: string, end: string): Promise<void> {
  for (let folder = path; folder !== end; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoOf(error) ?? '')) return;
      throw error;
    }
  }
}
