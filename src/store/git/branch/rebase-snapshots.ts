import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import { readHistory } from '../commit/history.ts';
import { DEFAULT_AUTHOR } from '../options.ts';
import { rebase } from '../commit/write-snapshot.ts';

export interface RebaseTask {
  /** Where the new commits are written. */
  readonly ref: string;
  readonly head: string;
  readonly onto: string;
}

/**
 * Makes the snapshots that `head` has and `onto` lacks again on top of `onto`, oldest first, each with its message,
 * author, time and folder.
 * @returns the new tip; null where some of these commits hold no snapshot, and nothing was written
 */
export async function rebaseSnapshots(
  context: GitContext,
  { ref, head, onto }: RebaseTask,
  signal?: AbortSignal,
): Promise<string | null> {
  const stdout = await git(context, ['rev-list', '--count', head, `^${onto}`], { signal });
  const snapshots = await readHistory(context, head, { not: [onto] }, signal);
  if (snapshots.length !== Number(stdout)) return null;
  let tip = onto;
  for (const { oid, info } of snapshots.toReversed()) {
    const commit = await readCommit(context, oid, signal);
    const template = { ...commit, folder: info.instance };
    const folderTree = await treeOf(context, oid, info.instance, signal);
    tip = (await rebase(context, { ref, parent: tip }, template, folderTree, signal)).oid;
  }
  return tip;
}

async function readCommit(
  context: GitContext,
  oid: string,
  signal: AbortSignal | undefined,
): Promise<{ message: string; author: { name: string; email: string }; time: number }> {
  const args = ['log', '-1', '-z', '--format=%cn%x00%ce%x00%ct%x00%B', oid, '--'];
  const stdout = await git(context, args, { signal });
  const [name = DEFAULT_AUTHOR.name, email = DEFAULT_AUTHOR.email, time = '0', message = ''] = stdout.split('\0');
  return { message, author: { name, email }, time: Number(time) };
}

async function treeOf(
  context: GitContext,
  commit: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const stdout = await git(context, ['ls-tree', '-d', '--full-tree', commit, '--', folder], {
    signal,
  });
  return /^040000 tree ([0-9a-f]+)\t/.exec(stdout)?.[1] ?? null;
}
