import type { Stats } from 'node:fs';
import { mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../errors.ts';

/**
 * Makes a folder for what only flowkeep may prepare. One that somebody else made, as `/tmp/flowkeep` may be, or that
 * everybody may write to, is refused: git would do what a configuration in it says.
 * @throws StoreError `denied`
 */
export async function makeOwnFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  // Asking what a new folder gets is right on file servers, too, which may give everything to one user.
  const probe = await mkdtemp(join(path, 'own-'));
  const [folder, own] = await Promise.all([stat(path), stat(probe)]).finally(() => rmdir(probe));
  const others = findOthers(folder, own);
  if (others !== null) {
    throw new StoreError('denied', `${path} cannot hold clones of git remotes: ${others}`, {
      remedy: `Run \`chmod o-w ${path}\` if you made it; else name another folder in XDG_CACHE_HOME.`,
    });
  }
}

function findOthers(folder: Stats, own: Stats): string | null {
  if (folder.uid !== own.uid) return 'it belongs to another user';
  return (folder.mode & EVERYBODY_WRITES) === 0 ? null : 'everybody may write to it';
}

const EVERYBODY_WRITES = 0o002;
