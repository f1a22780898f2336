import { lstatSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FlowkeepError, errnoOf, messageOf } from '../../../lib/errors.ts';
import { makeFolderSync } from '../../../lib/make-folder.ts';

/** Write permission for everybody. */
const OTHERS_WRITE = 0o002;

/**
 * Makes a folder that only this user can put things into, below one that others may write to, such as /tmp. One that is
 * there already must be this user's: another one could have prepared what is in it, or exchange it at any time.
 * @param remedy how the user chooses another folder
 * @returns its path
 * @throws FlowkeepError `folder`
 */
export function makePrivateFolder(path: string, remedy: string): string {
  try {
    if (makeFolderSync(path, 0o700) !== undefined) return path;
    const { uid, mode } = statSync(path);
    // A symbolic link counts too: its owner decides where it leads.
    const owners = new Set([uid, lstatSync(path).uid]);
    if (!owners.has(ownUserIn(path)) || owners.size > 1) throw unsafe(path, 'belongs to another user', remedy);
    if ((mode & OTHERS_WRITE) !== 0) throw unsafe(path, 'can be written to by everybody', remedy);
    return path;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    throw new FlowkeepError('folder', `cannot write to the folder ${path}: ${messageOf(error)}`, {
      remedy,
      cause: error,
    });
  }
}

/** The id that this user's files get there: on a network's file system it may be another than the process's. */
function ownUserIn(folder: string): number {
  const probe = mkdtempSync(join(folder, '.owner-'));
  try {
    return statSync(probe).uid;
  } finally {
    rmdirSync(probe);
  }
}

function unsafe(path: string, why: string, remedy: string): FlowkeepError {
  return new FlowkeepError('folder', `the folder ${path} ${why}, who could exchange what flowkeep keeps there`, {
    remedy,
  });
}
