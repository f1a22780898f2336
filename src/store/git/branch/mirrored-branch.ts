import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwIfAborted } from '../../../lib/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { StoreError } from '../../errors.ts';
import type { BranchRepairs, BranchView, Files, SaveTarget, SnapshotBranch } from './branch.ts';
import { Contention } from './contention.ts';
import { Follower } from './follower.ts';
import { LastSeen } from './last-seen.ts';
import type { LocalBranch } from './local-branch.ts';
import { type Ends, isAboutHistory, isOfRemote, notAsked, owedPush, tellSetAside } from './owed.ts';
import { forgetRefusals, pushWhatIsTaken } from './refused.ts';
import { deepenHistory } from '../repository/deepen.ts';
import type { GitContext, GitEnvironment } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { git } from '../process/git.ts';
import { isOfContent } from '../process/refusals.ts';
import { fetchAllObjects } from '../repair/fetch-all-objects.ts';
import { mayBeDamaged } from '../repair/may-be-damaged.ts';
import type { Mended } from '../repair/mend.ts';
import { branchRefs, type RefPair, resolveRef } from '../repository/refs.ts';
import type { Remote } from '../repository/remote.ts';
import { openCache } from '../repository/repository.ts';
import type { CommitTemplate, WrittenSnapshot } from '../commit/write-snapshot.ts';

export interface MirroredOptions {
  readonly branch: string;
  readonly environment: GitEnvironment;
  readonly logger: Logger;
  /** Patterns of refs to fetch along with the branch. */
  readonly alongside: readonly string[];
  /** Brings to the remote what else was written while it could not be asked. */
  readonly deliver: (context: GitContext, signal?: AbortSignal) => Promise<void>;
}

/**
 * The branch of a local repository that is kept in step with a remote.
 *
 * A snapshot is committed locally, then pushed. When the push fails, whatever the reason, the commit stays and the push
 * is owed: the save says so, and every later look at the branch (latest, list, save) brings the two in step first, so
 * that the next run pushes it even when it finds nothing to save. In step means:
 * - the local branch is behind: it moves forward;
 * - it is ahead: it is pushed, no matter who made the commits;
 * - both have commits of their own: if the local ones are all snapshots, they are put on top of the remote's, each as
 *   it was; commits by others are never rewritten, and the error tells the user to rebase or merge;
 * - what was seen on the remote is gone from it, since somebody rewrote its history: then only what was never there is
 *   put on top of what is there now (last-seen.ts);
 * - the remote refuses a snapshot for what is in it: the others are pushed without it (refused.ts).
 */
export class MirroredBranch implements SnapshotBranch, BranchRepairs {
  readonly repairs = this;
  readonly #local: LocalBranch;
  readonly #remote: Remote;
  readonly #options: MirroredOptions;
  readonly #refs: RefPair;
  readonly #ends: Ends;
  readonly #seen: LastSeen;
  readonly #follower: Follower;
  /** Warnings from getting in step, for the save that comes next. */
  #warnings: string[] = [];
  readonly #said = new Set<string>();
  #told: string | null = null;
  /** Whether the remote was asked for what comes next, and whether the local branch then had all that it has. */
  #isAsked = false;
  #hasAll = false;
  #isDown = false;
  #trouble: StoreError | null = null;

  constructor(local: LocalBranch, remote: Remote, options: MirroredOptions) {
    this.#local = local;
    this.#remote = remote;
    this.#options = options;
    this.#refs = branchRefs(options.branch);
    this.#ends = { path: local.path, display: remote.display };
    this.#seen = new LastSeen(remote.display, options.branch, this.#refs.local);
    const { branch, alongside } = options;
    this.#follower = new Follower({ local, remote, branch, alongside, seen: this.#seen });
  }

  /** Whether the remote did not answer as it should when it was last asked. */
  get isRemoteDown(): boolean {
    return this.#isDown;
  }

  owed(): StoreError | null {
    return this.#trouble;
  }

  unasked(): StoreError | null {
    return this.#hasAll ? null : this.#trouble;
  }

  async refresh(signal?: AbortSignal): Promise<BranchView | null> {
    const context = await this.repository(signal);
    await this.#sync(context, signal);
    for (const warning of this.#warnings) this.#sayOnce(warning);
    const trouble = this.#trouble?.message ?? null;
    if (trouble !== null && trouble !== this.#told) this.#options.logger.warn({}, trouble);
    this.#told = trouble;
    const head = await this.#local.head(context, signal);
    return head === null ? null : { context, ref: this.#local.ref };
  }

  async known(): Promise<BranchView | null> {
    return this.#local.known();
  }

  async deepen({ context }: BranchView, all: boolean, signal?: AbortSignal): Promise<boolean> {
    // Nothing is left out of a repository that people work in.
    const options = { all, filter: null };
    if (this.#isDown) return false;
    return deepenHistory(this.#remote, context, this.#refs, options, signal);
  }

  async complete(): Promise<void> {}

  async prepare(signal?: AbortSignal): Promise<SaveTarget> {
    const context = await this.repository(signal);
    if (!this.#isAsked) await this.#sync(context, signal);
    return this.#local.prepare(signal);
  }

  async publish(
    target: SaveTarget,
    written: WrittenSnapshot,
    template: CommitTemplate,
    signal?: AbortSignal,
  ): Promise<string[]> {
    const warnings = await this.#local.publish(target, written, template, signal);
    await this.#push(target.context, signal);
    this.#isAsked = false;
    const all = [...this.#warnings, ...warnings];
    this.#warnings = [];
    return [...new Set(all)];
  }

  async recover(failure: unknown, files: Files | null, signal?: AbortSignal): Promise<readonly string[] | null> {
    if (files === null || !mayBeDamaged(failure)) return null;
    const { done } = await this.mend(files, signal);
    return done.length > 0 ? done : null;
  }

  async find(): Promise<GitContext | null> {
    return this.#local.find();
  }

  async mend(files: Files, signal?: AbortSignal): Promise<Mended> {
    this.#isAsked = false;
    return this.#local.mend(files, signal, async () => {
      const context = await this.#local.find();
      if (context) await fetchAllObjects(this.#remote, context, this.#refs, this.#options.environment, signal);
    });
  }

  async check(signal?: AbortSignal): Promise<void> {
    await this.#local.check();
    const known = await this.#local.known();
    if (known) return this.#remote.check(known.context, signal);
    const folder = await mkdtemp(join(tmpdir(), 'flowkeep-check-'));
    try {
      await this.#remote.check(await openCache(join(folder, 'check.git'), this.#options.environment, signal), signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async repository(signal?: AbortSignal): Promise<GitContext> {
    return this.#local.repository(signal);
  }

  /** Brings the local branch and the remote's to the same commit, as far as the remote lets it. */
  async #sync(context: GitContext, signal: AbortSignal | undefined): Promise<void> {
    this.#hasAll = false;
    const cause = await this.#unlessOfRemote(signal, () => this.#follow(context, signal));
    this.#hasAll = cause === null;
    this.#isDown = cause !== null && !isAboutHistory(cause);
    this.#isAsked = true;
    if (cause !== null) {
      const head = await this.#local.head(context, signal);
      const isNew = head !== (await this.#seen.read(context, signal));
      const waits = head !== null && (isNew || !this.#isDown);
      this.#trouble = waits ? owedPush(cause, this.#ends) : notAsked(cause, this.#ends, head === null);
    } else {
      await this.#push(context, signal);
      await this.#options.deliver(context, signal);
    }
  }

  async #follow(context: GitContext, signal: AbortSignal | undefined): Promise<void> {
    const warnings = await this.#follower.follow(context, signal);
    if (warnings.length > 0) this.#warnings = [...warnings];
  }

  /** Pushes what is to be pushed, unless it is known already why it cannot be. */
  async #push(context: GitContext, signal: AbortSignal | undefined): Promise<void> {
    const cause = this.#hasAll
      ? await this.#unlessOfRemote(signal, () => this.#pushLocal(context, signal))
      : this.#trouble?.cause;
    this.#trouble = cause == null ? null : owedPush(cause, this.#ends);
  }

  /** @returns what the remote is to blame for; null where all went well */
  async #unlessOfRemote(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<unknown> {
    try {
      await work();
      return null;
    } catch (error) {
      throwIfAborted(signal);
      if (!isOfRemote(error)) throw error;
      return error;
    }
  }

  /** Pushes the local branch as long as the remote is not at it. */
  async #pushLocal(context: GitContext, signal: AbortSignal | undefined): Promise<void> {
    const contention = new Contention(this.#remote, `at ${this.#remote.display}`);
    for (;;) {
      const head = await this.#local.head(context, signal);
      const there = await resolveRef(context, this.#refs.local, signal);
      if (head === null || head === there) return;
      const push = { oid: head, ref: this.#refs.remote, expected: there };
      try {
        const outcome = await this.#remote.push(context, push, contention.networkAttempt, signal);
        if (outcome === 'done') return await this.#notePushed(context, head);
        await contention.wait(outcome, signal);
      } catch (error) {
        throwIfAborted(signal);
        if (!(error instanceof GitFailure) || !isOfContent(error)) throw error;
        if (!(await this.#pushWithoutRefused(context, head, there, signal))) throw error;
      }
      await this.#follow(context, signal);
    }
  }

  async #notePushed(context: GitContext, oid: string): Promise<void> {
    await git(context, ['update-ref', this.#refs.local, oid]);
    await this.#seen.write(context, oid);
    await forgetRefusals(context, oid);
  }

  /** @returns whether the remote took the newest snapshot */
  async #pushWithoutRefused(
    context: GitContext,
    head: string,
    there: string | null,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const refused = { head, there, ref: this.#refs.remote };
    const taken = await pushWhatIsTaken(context, this.#remote, refused, signal);
    if (taken === null) return false;
    this.#warnings.push(...(await this.#local.move(context, head, taken.head)));
    await git(context, ['update-ref', this.#refs.local, taken.there]);
    await this.#seen.write(context, taken.there);
    this.#warnings.push(...taken.setAside.map((each) => tellSetAside(each, this.#ends)));
    return taken.head === taken.there;
  }

  /** The same again in one run, and in those after it, tells nobody anything. */
  #sayOnce(warning: string): void {
    if (this.#said.has(warning)) return;
    this.#said.add(warning);
    this.#options.logger.warn({}, warning);
  }
}
