import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../../lib/logger.ts';
import type { BranchView, SaveTarget, SnapshotBranch } from './branch.ts';
import { Contention } from './contention.ts';
import { completeSnapshot } from '../repository/complete-snapshot.ts';
import { deepenHistory } from '../repository/deepen.ts';
import type { GitContext, GitEnvironment } from '../process/git-environment.ts';
import { branchRefs, isAncestor, outgoingRef, type RefPair, removeOutgoing, resolveRef } from '../repository/refs.ts';
import { removeLeftovers } from '../repository/leftovers.ts';
import type { Remote } from '../repository/remote.ts';
import { mayBeDamaged } from '../repair/may-be-damaged.ts';
import { throwAway } from './throw-away.ts';
import { findCache, openCache } from '../repository/repository.ts';
import { type CommitTemplate, rebase, type WrittenSnapshot } from '../commit/write-snapshot.ts';

/**
 * The branch of a remote, by way of a bare clone that can be thrown away at any time. The clone begins with the newest
 * commit alone, gets what follows, and older commits only when somebody asks for them. Nothing counts as saved until
 * the remote has it; what could not be pushed is forgotten.
 */
export class RemoteBranch implements SnapshotBranch {
  readonly #remote: Remote;
  readonly #gitDir: string;
  readonly #environment: GitEnvironment;
  readonly #logger: Logger;
  readonly #branch: string;
  readonly #refs: RefPair;

  constructor(
    remote: Remote,
    gitDir: string,
    options: { readonly branch: string; readonly environment: GitEnvironment; readonly logger: Logger },
  ) {
    this.#remote = remote;
    this.#gitDir = gitDir;
    this.#environment = options.environment;
    this.#logger = options.logger;
    this.#branch = options.branch;
    this.#refs = branchRefs(options.branch);
  }

  async refresh(signal?: AbortSignal): Promise<BranchView | null> {
    const context = await this.repository(signal);
    const before = await resolveRef(context, this.#refs.local, signal);
    const head = await this.#remote.fetchRef(context, this.#refs, signal);
    if (before !== null && before !== head) await this.#tellWhatIsGone(context, before, head, signal);
    return head === null ? null : { context, ref: this.#refs.local };
  }

  async known(): Promise<BranchView | null> {
    const context = await findCache(this.#gitDir, this.#environment);
    return context && { context, ref: this.#refs.local };
  }

  async deepen({ context }: BranchView, all: boolean, signal?: AbortSignal): Promise<boolean> {
    return deepenHistory(this.#remote, context, this.#refs, { all, filter: 'tree:0' }, signal);
  }

  async complete({ context }: BranchView, commit: string, instance: string, signal?: AbortSignal): Promise<void> {
    const config = await readFile(join(context.gitDir, 'config'), 'utf8');
    // git notes there that the remote may be asked for objects: only then can some be missing.
    if (config.includes('promisor')) await completeSnapshot(this.#remote, context, commit, instance, signal);
  }

  async prepare(signal?: AbortSignal): Promise<SaveTarget> {
    const context = await this.repository(signal);
    const known = await resolveRef(context, this.#refs.local, signal);
    // Where the remote moved on meanwhile, the push is refused and the commit put on top of what is there then.
    const parent = known ?? (await this.#remote.fetchRef(context, this.#refs, signal));
    return { context, ref: outgoingRef(), parent };
  }

  async publish(
    target: SaveTarget,
    written: WrittenSnapshot,
    template: CommitTemplate,
    signal?: AbortSignal,
  ): Promise<string[]> {
    const { context } = target;
    const refs = [target.ref];
    const contention = new Contention(this.#remote, `at ${this.#remote.display}`);
    let { oid } = written;
    let expected = target.parent;
    try {
      for (;;) {
        const push = { oid, ref: this.#refs.remote, expected };
        const outcome = await this.#remote.push(context, push, contention.networkAttempt, signal);
        if (outcome === 'done') return [];
        await contention.wait(outcome, signal);
        const head = await this.#remote.fetchRef(context, this.#refs, signal);
        if (head !== null && (await isAncestor(context, oid, head, signal))) return [];
        const ref = outgoingRef();
        refs.push(ref);
        expected = head;
        oid = (await rebase(context, { ref, parent: head }, template, written.folderTree, signal)).oid;
      }
    } finally {
      await removeOutgoing(context, refs);
    }
  }

  owed(): null {
    return null;
  }

  unasked(): null {
    return null;
  }

  async check(signal?: AbortSignal): Promise<void> {
    await this.#remote.check(await this.repository(signal), signal);
  }

  /**
   * The clone holds nothing that the remote does not have: where it may be damaged, it is thrown away, so that the work
   * clones again. Should that not help, the next failure is told.
   */
  async recover(failure: unknown): Promise<readonly string[] | null> {
    if (!mayBeDamaged(failure) || !(await throwAway(this.#gitDir))) return null;
    return [`the clone of ${this.#remote.display} in ${this.#gitDir} was damaged: it is made again`];
  }

  /** Nothing of it comes back from here: a snapshot is pushed on top of what is there, and nothing else is. */
  async #tellWhatIsGone(
    context: GitContext,
    before: string,
    head: string | null,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (head !== null && (await isAncestor(context, before, head, signal))) return;
    const what = head === null ? 'is gone' : 'was rewritten';
    this.#logger.warn(
      {},
      `branch ${this.#branch} at ${this.#remote.display} ${what} since it was last seen, at commit ` +
        `${before.slice(0, 12)}: what is no more there is not pushed again. If nobody meant that, push the branch from ` +
        'another clone before the next backup',
    );
  }

  /** The clone, made if it is not there. */
  async repository(signal?: AbortSignal): Promise<GitContext> {
    const context = await openCache(this.#gitDir, this.#environment, signal);
    await removeLeftovers(context, signal);
    return context;
  }
}
