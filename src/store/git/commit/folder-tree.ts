import type { GitContext } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { runGitGroup } from '../process/git-process.ts';

/** The tree of the instance's folder; git fetches it, with all below it, where it is missing. null: no such folder. */
export async function folderTree(
  context: GitContext,
  commit: string,
  instance: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  try {
    const args = ['rev-parse', '--verify', '--quiet', `${commit}:${instance}`];
    const { stdout } = await runGitGroup(context, args, { signal });
    return stdout.trim();
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return null;
    throw error;
  }
}
