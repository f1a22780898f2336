import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitContext, withConfig } from './git-environment.ts';
import { git } from './git.ts';

/** Settings with a name of their own in the middle, so that no fixed list of settings can overrule them. */
const FILTER = /^filter\.[^]*\.(clean|smudge|process|required)$/;
const GC_HOOK = 'gc.recentobjectshook';
/** A configuration without these words has neither, and includes no file that might. */
const SUSPECT = /filter|include|recentobjectshook|worktreeconfig/i;

/**
 * A repository whose own configuration runs no program. What it can name is overruled in git-environment.ts, but for
 * the filters of `.gitattributes`, which have names of their own, and a hook of `git gc` that adds up: then there is
 * no gc. git's protection against the folders of other users is off here, since flowkeep names the repository itself,
 * and since a volume of a container often belongs to another user.
 * @throws GitFailure where the configuration cannot be read
 */
export async function disableConfiguredPrograms(context: GitContext): Promise<GitContext> {
  if (!(await isSuspect(context.gitDir))) return context;
  const stdout = await git(context, ['config', '--includes', '--list', '--name-only', '-z']);
  const names = new Set(stdout.split('\0'));
  const filters = [...names].filter((name) => FILTER.test(name));
  const overruled = filters.map((name) => [name, name.endsWith('.required') ? 'false' : ''] as const);
  const noGc = names.has(GC_HOOK)
    ? ([
        ['gc.auto', '0'],
        ['gc.autoPackLimit', '0'],
      ] as const)
    : [];
  const entries = [...overruled, ...noGc];
  return entries.length === 0 ? context : { ...context, environment: withConfig(context.environment, entries) };
}

/**
 * Looks at the file itself: a git process for each use of a repository would cost more than all else that is done
 * with it.
 */
async function isSuspect(gitDir: string): Promise<boolean> {
  try {
    return SUSPECT.test(await readFile(join(gitDir, 'config'), 'utf8'));
  } catch {
    // Such as a linked work tree, whose configuration is elsewhere: git knows where.
    return true;
  }
}
