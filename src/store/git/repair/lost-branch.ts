import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { GitContext } from '../process/git-environment.ts';
import { REMOTE } from '../process/git-environment.ts';
import { resolveRef } from '../repository/refs.ts';
import { commonDirOf } from './places.ts';
import { RepositoryDamage } from './repository-damage.ts';

const SETTLE_MS = 300;

/**
 * Tells a branch that was lost from one that was never there: git takes an empty or missing file of a ref for no ref,
 * and a store that lost its branch in a power cut would pass for an empty one.
 * @throws StoreError `integrity`
 */
export async function refuseLostBranch(context: GitContext, ref: string, signal?: AbortSignal): Promise<void> {
  if (!(await hasTraces(context, ref)) || (await resolveRef(context, ref, signal)) !== null) return;
  // git writes the log just before the ref: another run may save its first snapshot at this moment.
  await delay(SETTLE_MS, undefined, { signal });
  if ((await resolveRef(context, ref, signal)) !== null) return;
  throw new RepositoryDamage(
    `${ref} in ${commonDirOf(context)} is lost: it held the snapshots`,
    'Run `flowkeep backup`: it puts the branch back where the log of the branch, the remote or the commits ' +
      'themselves show it to have been. By hand: `git reflog`, or `git fsck --lost-found`, then `git branch`.',
  );
}

/**
 * Whether the branch was there: its file, or its log. Commits without a branch are no trace, since a first save that was
 * cut off leaves them too.
 */
async function hasTraces(context: GitContext, ref: string): Promise<boolean> {
  if ((await stat(join(commonDirOf(context), ref)).catch(() => null))?.isFile()) return true;
  return (await logOf(context, ref)).length > 0;
}

export function trackingRef(ref: string): string {
  return ref.replace('refs/heads/', `refs/remotes/${REMOTE}/`);
}

/** The commits that a ref was at, the last one first. A log of zeros tells nothing. */
export async function logOf(context: GitContext, ref: string): Promise<string[]> {
  const text = await readFile(join(commonDirOf(context), 'logs', ref), 'utf8').catch(() => '');
  const oids = text.split('\n').flatMap((line) => /^[0-9a-f]{40,64} ([0-9a-f]{40,64}) /.exec(line)?.[1] ?? []);
  return oids.filter((oid) => !/^0+$/.test(oid)).reverse();
}
