import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../../lib/logger.ts';
import { StoreError } from '../../errors.ts';
import type { BranchView, SaveTarget, SnapshotBranch } from './branch.ts';
import { Contention } from './contention.ts';
import { deepenHistory } from '../repository/deepen.ts';
import type { GitContext, GitEnvironment } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { git } from '../process/git.ts';
import type { LocalBranch } from './local-branch.ts';
import { branchRefs, isAncestor, outgoingRef, type RefPair, removeOutgoing, resolveRef } from '../repository/refs.ts';
import type { Remote } from '../repository/remote.ts';
import { openCache } from '../repository/repository.ts';
import { rebaseSnapshots } from './rebase-snapshots.ts';
import type { CommitTemplate, WrittenSnapshot } from '../commit/write-snapshot.ts';

/**
 * The branch of a local repository that is kept in step with a remote.
 *
 * A snapshot is committed locally, then pushed. When the push fails, the commit stays and the save fails: it is not
 * where it should be. Every later look at the branch (latest, list, save) brings the two in step first, so that such
 * a commit is pushed by the next run even when that run finds nothing to save. In step means:
 * - the local branch is behind: it moves forward;
 * - it is ahead: it is pushed, no matter who made the commits;
 * - both have commits of their own: if the local ones are all snapshots, they are put on top of the remote's, each as
 *   it was; commits by others are never rewritten, and the error tells the user to rebase or merge.
 */
export class MirroredBranch implements SnapshotBranch {
  readonly #local: LocalBranch;
  readonly #remote: Remote;
  readonly #environment: GitEnvironment;
  readonly #logger: Logger;
  readonly #refs: RefPair;
  /** Warnings about the work tree from getting in step, for the save that comes next. */
  #warnings: string[] = [];
  #inStep = false;

  constructor(
    local: LocalBranch,
    remote: Remote,
    options: { readonly branch: string; readonly environment: GitEnvironment; readonly logger: Logger },
  ) {
    this.#local = local;
    this.#remote = remote;
    this.#environment = options.environment;
    this.#logger = options.logger;
    this.#refs = branchRefs(options.branch);
  }

  async refresh(signal?: AbortSignal): Promise<BranchView | null> {
    const context = await this.repository(signal);
    const head = await this.#sync(context, signal);
    for (const warning of this.#warnings) this.#logger.warn({}, warning);
    return head === null ? null : { context, ref: this.#local.ref };
  }

  async known(): Promise<BranchView | null> {
    return this.#local.known();
  }

  async deepen({ context }: BranchView, all: boolean, signal?: AbortSignal): Promise<boolean> {
    // Nothing is left out of a repository that people work in.
    return deepenHistory(this.#remote, context, this.#refs, { all, filter: null }, signal);
  }

  async complete(): Promise<void> {}

  async prepare(signal?: AbortSignal): Promise<SaveTarget> {
    const context = await this.repository(signal);
    if (!this.#inStep) await this.#sync(context, signal);
    return this.#local.prepare(signal);
  }

  async publish(
    target: SaveTarget,
    written: WrittenSnapshot,
    template: CommitTemplate,
    signal?: AbortSignal,
  ): Promise<string[]> {
    this.#inStep = false;
    const warnings = await this.#local.publish(target, written, template, signal);
    await this.#pushLocal(target.context, signal);
    const all = [...this.#warnings, ...warnings];
    this.#warnings = [];
    return [...new Set(all)];
  }

  async recover(): Promise<string | null> {
    return null;
  }

  async check(signal?: AbortSignal): Promise<void> {
    await this.#local.check();
    const known = await this.#local.known();
    if (known) return this.#remote.check(known.context, signal);
    const folder = await mkdtemp(join(tmpdir(), 'flowkeep-check-'));
    try {
      await this.#remote.check(await openCache(join(folder, 'check.git'), this.#environment, signal), signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async repository(signal?: AbortSignal): Promise<GitContext> {
    return this.#local.repository(signal);
  }

  /** Brings the local branch and the remote's to the same commit and gives it; null where neither has one. */
  async #sync(context: GitContext, signal: AbortSignal | undefined): Promise<string | null> {
    this.#inStep = false;
    const head = await this.#fetchRemote(context, signal);
    if (head !== null) await this.#pushLocal(context, signal);
    this.#inStep = true;
    return this.#local.head(context, signal);
  }

  /** Pushes the local branch as long as the remote is not at it. */
  async #pushLocal(context: GitContext, signal: AbortSignal | undefined): Promise<void> {
    const contention = new Contention(this.#remote, `at ${this.#remote.display}`);
    for (;;) {
      const head = await this.#local.head(context, signal);
      const there = await resolveRef(context, this.#refs.local, signal);
      if (head === null || head === there) break;
      const outcome = await this.#push(context, head, contention.networkAttempt, signal);
      if (outcome === 'done') {
        await git(context, ['update-ref', this.#refs.local, head]);
        break;
      }
      await contention.wait(outcome, signal);
      await this.#fetchRemote(context, signal);
    }
    this.#inStep = true;
  }

  /** Fetches, and moves the local branch so that it contains what the remote has. */
  async #fetchRemote(context: GitContext, signal: AbortSignal | undefined): Promise<string | null> {
    const head = await this.#local.head(context, signal);
    const remote = await this.#remote.fetchRef(context, this.#refs, signal, head !== null);
    if (remote === null || remote === head) return head;
    if (head !== null && (await isAncestor(context, remote, head, signal))) return head;
    const behind = head === null || (await isAncestor(context, head, remote, signal));
    if (behind) this.#warnings = await this.#local.move(context, head, remote);
    else await this.#rebaseOnto(context, head, remote, signal);
    return this.#local.head(context, signal);
  }

  async #rebaseOnto(context: GitContext, head: string, remote: string, signal: AbortSignal | undefined): Promise<void> {
    const ref = outgoingRef();
    const tip = await rebaseSnapshots(context, { ref, head, onto: remote }, signal);
    if (tip === null) throw diverged(this.#local, this.#remote.display);
    try {
      this.#warnings = await this.#local.move(context, head, tip);
    } finally {
      await removeOutgoing(context, [ref]);
    }
  }

  async #push(
    context: GitContext,
    oid: string,
    attempt: number,
    signal: AbortSignal | undefined,
  ): Promise<'done' | 'rejected' | 'unknown'> {
    try {
      return await this.#remote.push(context, oid, this.#refs.remote, attempt, signal);
    } catch (error) {
      if (error instanceof GitFailure) this.#logger.warn({ path: this.#local.path }, 'committed here, but not pushed');
      throw error;
    }
  }
}

function diverged(local: LocalBranch, display: string): StoreError {
  return new StoreError(
    'conflict',
    `the branch in ${local.path} and the one at ${display} both have commits by others that the other lacks`,
    {
      remedy:
        'Nothing is lost. Bring them together: ' + `\`git -C ${local.path} pull --rebase ${display}\`, then run again.`,
    },
  );
}
