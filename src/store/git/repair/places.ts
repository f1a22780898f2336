import { mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { GitContext } from '../process/git-environment.ts';

/** The folder with a repository's objects and refs. */
export function commonDirOf({ gitDir, view }: Pick<GitContext, 'gitDir' | 'view'>): string {
  return view?.commonDir ?? gitDir;
}

/** Moves a file that is of no use out of git's sight, and keeps it: somebody may get something out of it still. */
export async function setAside(commonDir: string, file: string, name = basename(file)): Promise<void> {
  const folder = join(commonDir, 'flowkeep-damaged-files');
  await mkdir(folder, { recursive: true });
  await rename(file, join(folder, name));
}
