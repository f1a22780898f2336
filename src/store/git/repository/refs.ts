import { randomBytes } from 'node:crypto';
import { git } from '../process/git.ts';
import { type GitContext, REMOTE } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';

/** A ref of the remote, and the ref here that says where it was when it was last looked at. */
export interface RefPair {
  readonly remote: string;
  readonly local: string;
}

export function branchRefs(branch: string): RefPair {
  return { remote: `refs/heads/${branch}`, local: `refs/remotes/${REMOTE}/${branch}` };
}

/** The object that a ref names; null where there is no such ref. */
export async function resolveRef(context: GitContext, ref: string, signal?: AbortSignal): Promise<string | null> {
  const stdout = await git(context, ['for-each-ref', '--format=%(refname) %(objectname)', ref], {
    signal,
  });
  const line = stdout.split('\n').find((each) => each.startsWith(`${ref} `));
  return line?.slice(ref.length + 1) ?? null;
}

const OUTGOING = 'refs/flowkeep/outgoing/';
const AN_HOUR_MS = 3_600_000;

/** A ref that keeps a commit until it is pushed. Its name tells when it was made (ms since 1970). */
export function outgoingRef(): string {
  return `${OUTGOING}${Date.now()}-${randomBytes(6).toString('hex')}`;
}

/** Removes the outgoing refs that these are and those that a run left which was killed. */
export async function removeOutgoing(context: GitContext, refs: Iterable<string>): Promise<void> {
  const stdout = await git(context, ['for-each-ref', '--format=%(refname)', OUTGOING]);
  const old = Date.now() - AN_HOUR_MS;
  const mine = new Set(refs);
  const gone = stdout
    .split('\n')
    .filter((ref) => ref.startsWith(OUTGOING))
    .filter((ref) => mine.has(ref) || Number.parseInt(ref.slice(OUTGOING.length), 10) < old);
  if (gone.length === 0) return;
  await git(context, ['update-ref', '--stdin'], { input: gone.map((ref) => `delete ${ref}\n`).join('') });
}

/** Whether a commit is the same as another, or leads to it. */
export async function isAncestor(
  context: GitContext,
  ancestor: string,
  descendant: string,
  signal?: AbortSignal,
): Promise<boolean> {
  if (ancestor === descendant) return true;
  try {
    await git(context, ['merge-base', '--is-ancestor', ancestor, descendant], { signal });
    return true;
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return false;
    throw error;
  }
}
