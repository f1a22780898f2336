import type { GitContext } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { runGitGroup } from '../process/git-process.ts';
import { folderTree } from './folder-tree.ts';
import type { Commit } from './history.ts';

/**
 * What stands at the tip of the branch in the place of the snapshot that was committed last, where that is something
 * else: people who commit by hand change what every clone has, and leave the snapshot itself as it is. null: nothing.
 */
export async function displacedBy(
  context: GitContext,
  ref: string,
  { oid, info }: Commit,
  signal?: AbortSignal,
): Promise<string | null> {
  if (await hasSameFolder(context, [oid, ref], info.instance, signal)) return null;
  const there = await folderTree(context, ref, info.instance, signal);
  const what = there === null ? 'is gone' : 'is not that of the last snapshot';
  return (
    `the folder ${info.instance} at the tip of the branch ${what}: somebody committed a change of it. ` +
    'It is written again; the change stays in the history'
  );
}

/** Whether two commits have the same folder of the instance, or both none, as a snapshot without files has. */
async function hasSameFolder(
  context: GitContext,
  commits: readonly [string, string],
  instance: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await runGitGroup(context, ['diff-tree', '--quiet', ...commits, '--', instance], { signal });
    return true;
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return false;
    throw error;
  }
}
