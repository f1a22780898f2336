import type { GitContext } from '../process/git-environment.ts';
import { git } from '../process/git.ts';
import { branchRefs, isAncestor, outgoingRef, removeOutgoing } from '../repository/refs.ts';
import type { Remote } from '../repository/remote.ts';
import { holdsWhatIsGone, type LastSeen, type Sides } from './last-seen.ts';
import type { LocalBranch } from './local-branch.ts';
import { branchGone, diverged, type Ends, rewrittenUnder, tellRewritten } from './owed.ts';
import { rebaseSnapshots, snapshotsSince } from './rebase-snapshots.ts';

export interface FollowerParts {
  readonly local: LocalBranch;
  readonly remote: Remote;
  readonly branch: string;
  readonly seen: LastSeen;
  /** Patterns to fetch along with the branch. */
  readonly alongside: readonly string[];
}

/** Brings what a remote has into the local branch. What is gone from the remote goes from the local branch, too. */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #ends: Ends;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#ends = { path: parts.local.path, display: parts.remote.display };
  }

  /**
   * Fetches, and moves the local branch so that it contains what the remote has.
   * @returns warnings
   * @throws GitFailure; StoreError where only people can tell how the two belong together
   */
  async follow(context: GitContext, signal: AbortSignal | undefined): Promise<string[]> {
    const { local, remote, branch, seen } = this.#parts;
    const head = await local.head(context, signal);
    const before = await seen.read(context, signal);
    const there = await remote.fetchRef(context, branchRefs(branch), signal, head !== null, this.#parts.alongside);
    const sides = head === null || before === null ? null : { head, seen: before, there };
    const isGone = sides !== null && (await holdsWhatIsGone(context, sides, signal));
    const warnings = isGone
      ? await this.#leaveWhatIsGone(context, sides, signal)
      : await this.#bringTogether(context, head, there, signal);
    // Last: a run that is killed before it must see again what is gone.
    if (there !== null && there !== before) await seen.write(context, there);
    return warnings;
  }

  async #bringTogether(
    context: GitContext,
    head: string | null,
    there: string | null,
    signal: AbortSignal | undefined,
  ): Promise<string[]> {
    if (there === null || there === head) return [];
    if (head !== null && (await isAncestor(context, there, head, signal))) return [];
    const isBehind = head === null || (await isAncestor(context, head, there, signal));
    if (isBehind) return this.#parts.local.move(context, head, there);
    const warnings = await this.#rebaseOnto(context, { head, onto: there }, signal);
    if (warnings === null) throw diverged(this.#ends);
    return warnings;
  }

  /** Puts what the remote never had on what it has now; what it had before stays here, under a ref of its own. */
  async #leaveWhatIsGone(context: GitContext, sides: Sides, signal: AbortSignal | undefined): Promise<string[]> {
    const { head, seen, there } = sides;
    const { branch } = this.#parts;
    if (there === null) throw branchGone(this.#ends, seen, branch);
    const kept = `refs/flowkeep/replaced/${head.slice(0, 16)}`;
    await git(context, ['update-ref', kept, head]);
    const own = await snapshotsSince(context, head, [there, seen], signal);
    const warnings = await this.#rebaseOnto(context, { head, onto: there, without: seen }, signal);
    if (warnings === null) throw rewrittenUnder(this.#ends, seen, branch);
    const gone = Number(await git(context, ['rev-list', '--count', seen, `^${there}`], { signal }));
    return [...warnings, tellRewritten(this.#ends, { branch, kept, gone, own: own?.length ?? 0 })];
  }

  /** Moves the local branch to its snapshots on top of a commit. null: some of its commits are by others. */
  async #rebaseOnto(
    context: GitContext,
    task: { readonly head: string; readonly onto: string; readonly without?: string },
    signal: AbortSignal | undefined,
  ): Promise<string[] | null> {
    const ref = outgoingRef();
    const tip = await rebaseSnapshots(context, { ref, ...task }, signal);
    if (tip === null) return null;
    try {
      return await this.#parts.local.move(context, task.head, tip);
    } finally {
      await removeOutgoing(context, [ref]);
    }
  }
}
