import { gitSays } from '../process/git-failure.ts';
import type { GitContext } from '../process/git-environment.ts';
import { startGit } from '../process/git-process.ts';
import { UNREADABLE_TREE } from '../commit/tree.ts';

/**
 * The most files and folders of a commit that is brought into a work tree: three times what one snapshot may have, for
 * repositories of several instances.
 */
const MAX_ENTRIES = 1_000_000;

/** A commit that git's commands on a work tree would not get through. */
export class UnusableTree extends Error {
  readonly commit: string;
  /** Goes on after "commit ...". */
  readonly reason: string;

  constructor(commit: string, reason: string) {
    super(`commit ${commit} ${reason}`);
    this.commit = commit;
    this.reason = reason;
  }
}

/**
 * Refuses commits (or trees) that stand for millions of files, which takes a few kilobytes, and those with folders that
 * git cannot read. Neither is walked through to the end.
 * @throws UnusableTree, GitFailure
 */
export async function refuseUnusableTrees(context: GitContext, ...commits: readonly string[]): Promise<void> {
  await Promise.all(
    commits.map(async (commit) => {
      const reason = await findTrouble(context, commit);
      if (reason !== null) throw new UnusableTree(commit, reason);
    }),
  );
}

async function findTrouble(context: GitContext, commit: string): Promise<string | null> {
  const stop = new AbortController();
  const args = ['ls-tree', '-r', '-t', '-z', '--full-tree', '--name-only', commit];
  const { child, done } = startGit(context, args, { signal: stop.signal });
  child.stdin.end();
  let entries = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      entries += countNul(chunk);
      if (entries > MAX_ENTRIES)
        return `has more than ${MAX_ENTRIES.toLocaleString('en-US')} files and folders`;
    }
    await done;
    return null;
  } catch (error) {
    const cause: unknown = await done.then(
      () => error,
      (failure: unknown) => failure,
    );
    if (gitSays(cause, UNREADABLE_TREE)) return 'has a folder that git cannot read';
    throw cause;
  } finally {
    stop.abort();
  }
}

function countNul(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) count += 1;
  return count;
}
