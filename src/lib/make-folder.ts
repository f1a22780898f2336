import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './errors.ts';

/**
 * Makes a folder and those above it. In place of `recursive` of Node's own, which never ends where the folder above is
 * there and takes none (`/proc/x`): it takes the ENOENT for a missing folder above, for ever, in a thread that no signal
 * ends.
 * @param mode of the folders that are made
 * @returns the first folder that was made; undefined where all were there
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    if ((await stat(path).catch(() => null))?.isDirectory()) return undefined;
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
  }
  const first = await makeFolder(dirname(path), mode);
  await mkdir(path, { mode }).catch(async (error: unknown) => {
    // Another process makes the same one at this moment.
    if (!(await stat(path).catch(() => null))?.isDirectory()) throw error;
  });
  return first ?? path;
}

/** The same, at once: for what is asked before anything else can go on. */
export function makeFolderSync(path: string, mode = 0o777): string | undefined {
  try {
    mkdirSync(path, { mode });
    return path;
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined;
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
  }
  const first = makeFolderSync(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
  return first ?? path;
}
