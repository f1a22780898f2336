import { type GitContext, startGit } from './git-process.ts';

/**
 * The most files and folders of a commit that is brought into a work tree: three times what one snapshot may have, for
 * repositories of several instances.
 */
export const MAX_WORK_TREE_ENTRIES = 1_000_000;

/** A commit with more files and folders than that. */
export class OversizedTree extends Error {
  readonly commit: string;

  constructor(commit: string) {
    super(`commit ${commit} has too many files and folders`);
    this.commit = commit;
  }
}

/**
 * Refuses commits (or trees) that git's commands on a work tree would not get through: a tree of a few kilobytes can stand
 * for billions of files.
 * @throws OversizedTree, GitFailure
 */
export async function refuseOversized(context: GitContext, ...commits: readonly string[]): Promise<void> {
  await Promise.all(
    commits.map(async (commit) => {
      if (await isOversized(context, commit)) throw new OversizedTree(commit);
    }),
  );
}

/** Told without walking through all of it. */
async function isOversized(context: GitContext, treeish: string): Promise<boolean> {
  const stop = new AbortController();
  const args = ['ls-tree', '-r', '-t', '-z', '--full-tree', '--name-only', treeish];
  const { child, done } = startGit(context, args, { signal: stop.signal });
  child.stdin.end();
  let entries = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      entries += countNul(chunk);
      if (entries > MAX_WORK_TREE_ENTRIES) return true;
    }
    await done;
    return false;
  } finally {
    stop.abort();
  }
}

function countNul(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) count += 1;
  return count;
}
