import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { errnoOf } from '../../../lib/errors.ts';

/**
 * Removes a folder that can be made again: in one step out of the way, so that nobody finds half of it.
 * @returns false where there is none
 */
export async function throwAway(folder: string): Promise<boolean> {
  const aside = `${folder}.${randomBytes(6).toString('hex')}.damaged`;
  try {
    await rename(folder, aside);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
  return true;
}
