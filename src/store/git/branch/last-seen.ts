import { sha256 } from '../../../lib/hash.ts';
import type { GitContext } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { git } from '../process/git.ts';
import { isAncestor, resolveRef } from '../repository/refs.ts';

const SEEN = 'refs/flowkeep/seen/';

/**
 * Where a branch of a remote was when the local one was last brought in step with it. The remote-tracking ref does not
 * tell: a fetch moves it, and a run may be killed right after, and it knows nothing of another URL. It stays while the
 * remote has no such branch.
 */
export class LastSeen {
  readonly #ref: string;
  readonly #tracking: string;

  /** @param url without a secret: a store that is moved to another remote has seen nothing there yet */
  constructor(url: string, branch: string, tracking: string) {
    this.#ref = `${SEEN}${sha256(`${url}\n${branch}`).slice(0, 16)}`;
    this.#tracking = tracking;
  }

  /** Asked before a fetch. */
  async read(context: GitContext, signal?: AbortSignal): Promise<string | null> {
    const own = await resolveRef(context, this.#ref, signal);
    if (own !== null) return own;
    // Versions before this ref kept the remote-tracking ref alone, and it is of this remote unless there were others.
    const others = await git(context, ['for-each-ref', '--count=1', SEEN], { signal });
    const tracked = others === '' ? await resolveRef(context, this.#tracking, signal) : null;
    if (tracked !== null) await this.write(context, tracked);
    return tracked;
  }

  async write(context: GitContext, oid: string): Promise<void> {
    await git(context, ['update-ref', this.#ref, oid]);
  }
}

/** The two branches now, and where the remote's was before; `there` null: the remote has none. */
export interface Sides {
  readonly head: string;
  readonly seen: string;
  readonly there: string | null;
}

/** Whether the local branch holds commits that were on the remote and are gone from it. */
export async function holdsWhatIsGone(
  context: GitContext,
  { head, seen, there }: Sides,
  signal?: AbortSignal,
): Promise<boolean> {
  if (there !== null && (await isAncestor(context, seen, there, signal))) return false;
  for (const base of await commonAncestors(context, head, seen, signal))
    if (there === null || !(await isAncestor(context, base, there, signal))) return true;
  return false;
}

async function commonAncestors(
  context: GitContext,
  one: string,
  other: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  try {
    const stdout = await git(context, ['merge-base', '--all', one, other], { signal });
    return stdout.split('\n').filter((oid) => oid !== '');
  } catch (error) {
    // Exit code 1: they have nothing in common.
    if (error instanceof GitFailure && error.exitCode === 1) return [];
    throw error;
  }
}
