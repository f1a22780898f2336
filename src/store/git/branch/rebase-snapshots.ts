import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import { withNote } from '../commit/commit-message.ts';
import { type Commit, readHistory } from '../commit/history.ts';
import { DEFAULT_AUTHOR } from '../options.ts';
import { rebase } from '../commit/write-snapshot.ts';

export interface RebaseTask {
  /** Where the new commits are written. */
  readonly ref: string;
  readonly head: string;
  readonly onto: string;
  /** Commits that this one leads to are left behind as well. */
  readonly without?: string;
}

/**
 * Makes the snapshots that `head` has and `onto` lacks again on top of `onto`, oldest first, each with its message,
 * author, time and folder. One that `onto` holds in another commit, because an answer was lost, is left out.
 * @returns the new tip; null where some of these commits hold no snapshot, and nothing was written
 */
export async function rebaseSnapshots(
  context: GitContext,
  { ref, head, onto, without }: RebaseTask,
  signal?: AbortSignal,
): Promise<string | null> {
  const snapshots = await snapshotsSince(context, head, without === undefined ? [onto] : [onto, without], signal);
  if (snapshots === null) return null;
  if (snapshots.length === 0) return onto;
  const there = await readHistory(context, onto, { not: [head] }, signal);
  const held = new Set(there.map(({ info }) => `${info.instance}/${info.id}`));
  let tip = onto;
  for (const commit of snapshots)
    if (!held.has(`${commit.info.instance}/${commit.info.id}`))
      tip = await putOnTop(context, { ref, commit, parent: tip }, signal);
  return tip;
}

/** The snapshots that a commit leads to and the others do not, oldest first; null where some hold no snapshot. */
export async function snapshotsSince(
  context: GitContext,
  head: string,
  not: readonly string[],
  signal?: AbortSignal,
): Promise<Commit[] | null> {
  const stdout = await git(context, ['rev-list', '--count', head, ...not.map((oid) => `^${oid}`)], { signal });
  const snapshots = await readHistory(context, head, { not }, signal);
  return snapshots.length === Number(stdout) ? snapshots.toReversed() : null;
}

export interface PutTask {
  readonly ref: string;
  readonly commit: Commit;
  readonly parent: string | null;
  /** A paragraph to add to its message. */
  readonly note?: string;
}

/** Makes a snapshot's commit again on another parent. @returns the new commit */
export async function putOnTop(
  context: GitContext,
  { ref, commit: { oid, info }, parent, note }: PutTask,
  signal?: AbortSignal,
): Promise<string> {
  const { message, ...rest } = await readCommit(context, oid, signal);
  const template = { ...rest, message: note === undefined ? message : withNote(message, note), folder: info.instance };
  const folderTree = await treeOf(context, oid, info.instance, signal);
  return (await rebase(context, { ref, parent }, template, folderTree, signal)).oid;
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
