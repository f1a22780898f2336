import { join } from 'node:path';
import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import { GitFailure, gitSays } from '../process/git-failure.ts';
import { setAside } from './places.ts';

/** Makes a damaged index again, as that of HEAD. What was staged is lost with it. @returns sentences */
export async function mendIndex(context: GitContext, signal?: AbortSignal): Promise<string[]> {
  if (context.workTree === null) return [];
  try {
    await git(context, ['ls-files', '--stage', '-z'], { signal });
    return [];
  } catch (error) {
    if (!gitSays(error, /index file|bad (index|signature)|index uses|unexpected|checksum|cache/i)) throw error;
  }
  await setAside(context.gitDir, join(context.gitDir, 'index'));
  try {
    await git(context, ['read-tree', 'HEAD'], { signal });
    await git(context, ['update-index', '-q', '--refresh'], { signal });
  } catch (error) {
    // HEAD is damaged as well, or files differ: what is in the work tree stays either way.
    if (!(error instanceof GitFailure)) throw error;
  }
  return ['the index of the work tree was damaged: it was made again'];
}
