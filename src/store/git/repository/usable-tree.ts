import { formatCount } from '../../../lib/printable.ts';
import type { GitContext } from '../process/git-environment.ts';
import { streamTree } from '../commit/tree.ts';

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
      const found = await streamTree(context, ['--name-only', commit], findTooMany);
      if (found !== null) throw new UnusableTree(commit, `has ${found}`);
    }),
  );
}

async function findTooMany(output: AsyncIterable<Buffer>): Promise<string | null> {
  let entries = 0;
  for await (const chunk of output) {
    entries += countNul(chunk);
    if (entries > MAX_ENTRIES) return `more than ${formatCount(MAX_ENTRIES)} files and folders`;
  }
  return null;
}

function countNul(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) count += 1;
  return count;
}
