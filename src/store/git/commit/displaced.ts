import type { GitContext } from '../process/git-environment.ts';
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
  const there = await folderTree(context, ref, info.instance, signal);
  if (there !== null && there === (await folderTree(context, oid, info.instance, signal))) return null;
  const what = there === null ? 'is gone' : 'is not that of a snapshot';
  return (
    `the folder ${info.instance} at the tip of the branch ${what}: somebody committed a change of it. ` +
    'It is written anew; the change stays in the history'
  );
}
