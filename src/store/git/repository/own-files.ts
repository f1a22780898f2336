import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../errors.ts';
import type { RepositoryPlace } from './locate.ts';

/** What git writes, beside objects, refs and logs. It follows links, and so would write into files outside. */
const WRITTEN = ['HEAD', 'index', 'packed-refs', 'shallow', 'config', 'config.worktree', 'objects', 'refs', 'logs'];
const FOLDERS: readonly (readonly [name: string, recursive: boolean])[] = [
  ['objects', false],
  ['refs', true],
  ['logs', true],
  ['reftable', false],
];

/**
 * Refuses a repository in which something that git writes is a link or a device: `logs/HEAD` may lead to somebody's
 * `.bashrc`, and `objects` to another repository, which `git gc` would then tidy up.
 * @throws StoreError `format` that names it
 */
export async function refuseLinks({ gitDir, commonDir }: RepositoryPlace): Promise<void> {
  for (const folder of new Set([gitDir, commonDir])) {
    for (const name of [...WRITTEN, 'reftable', 'worktrees', 'commondir']) {
      const path = join(folder, name);
      const found = await lstat(path).catch(ignoreMissing);
      if (found && !found.isFile() && !found.isDirectory()) throw linked(path);
      // Only a linked work tree has its settings elsewhere; git would follow this file all the same.
      if (found && name === 'commondir' && gitDir === commonDir) throw linked(path);
    }
    for (const [name, recursive] of FOLDERS) {
      const strange = (await below(join(folder, name), recursive)).find((entry) => !isPlain(entry));
      if (strange) throw linked(join(strange.parentPath, strange.name));
    }
  }
}

function isPlain(entry: Dirent): boolean {
  return entry.isFile() || entry.isDirectory();
}

async function below(path: string, recursive: boolean): Promise<Dirent[]> {
  return (await readdir(path, { recursive, withFileTypes: true }).catch(ignoreMissing)) ?? [];
}

function ignoreMissing(error: unknown): null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw error;
}

function linked(path: string): StoreError {
  return new StoreError('format', `${path} leads out of the repository: git would write there`, {
    remedy:
      'Find out who put it there. Replace it by what it leads to, or set `path` to a new folder; ' +
      'objects that lie elsewhere can be named in `objects/info/alternates`.',
  });
}
