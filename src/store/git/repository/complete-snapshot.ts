import { folderTree } from '../commit/folder-tree.ts';
import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import type { Remote } from './remote.ts';

/**
 * Fetches what is missing of one snapshot in a clone that has older commits without their trees and blobs, in one go:
 * git alone would ask the server for each blob when it is read.
 */
export async function completeSnapshot(
  remote: Remote,
  context: GitContext,
  commit: string,
  instance: string,
  signal?: AbortSignal,
): Promise<void> {
  const tree = await folderTree(context, commit, instance, signal);
  if (tree === null) return;
  const stdout = await git(context, ['rev-list', '--objects', '--missing=print', tree], { signal });
  const missing = stdout
    .split('\n')
    .filter((line) => line.startsWith('?'))
    .map((line) => line.slice(1));
  if (missing.length > 0) await remote.fetchObjects(context, missing, signal);
}
