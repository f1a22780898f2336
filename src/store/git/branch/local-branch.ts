import type { BranchRepairs, BranchView, Files, SaveTarget, SnapshotBranch } from './branch.ts';
import { Contention, type ContentionOptions } from './contention.ts';
import type { GitContext, GitEnvironment } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { git } from '../process/git.ts';
import { refuseLostBranch } from '../repair/lost-branch.ts';
import { mayBeDamaged } from '../repair/may-be-damaged.ts';
import { mendFiles } from '../repair/mend-files.ts';
import { mend, type Mended, type MendOptions } from '../repair/mend.ts';
import { removeLeftovers } from '../repository/leftovers.ts';
import { tryToMake, tryToWrite } from './try-to-write.ts';
import { findPlace } from '../repository/locate.ts';
import { createRepository, findRepository } from '../repository/repository.ts';
import { bringWorkTreeAlong, noteWorkTree } from '../repository/work-tree.ts';
import { type CommitTemplate, rebase, type WrittenSnapshot } from '../commit/write-snapshot.ts';

/** Where the branch is, and which work tree shows it. */
interface BranchState {
  readonly oid: string | null;
  /** The repository's own work tree has it checked out. */
  readonly here: boolean;
  /** Another work tree has it checked out. */
  readonly elsewhere: string | null;
}

export interface LocalBranchOptions extends ContentionOptions {
  readonly branch: string;
  /** Folder for the views of repositories: view.ts. */
  readonly views: string;
}

/** The branch of a local repository, with or without a work tree. */
export class LocalBranch implements SnapshotBranch, BranchRepairs {
  readonly path: string;
  readonly repairs = this;
  readonly ref: string;
  readonly #branch: string;
  readonly #views: string;
  readonly #environment: GitEnvironment;
  readonly #contention: ContentionOptions;

  constructor(path: string, options: LocalBranchOptions, environment: GitEnvironment) {
    this.path = path;
    this.ref = `refs/heads/${options.branch}`;
    this.#branch = options.branch;
    this.#views = options.views;
    this.#environment = environment;
    this.#contention = options;
  }

  async refresh(): Promise<BranchView | null> {
    const context = await this.#find();
    return context && { context, ref: this.ref };
  }

  async known(): Promise<BranchView | null> {
    return this.refresh();
  }

  async deepen(): Promise<boolean> {
    return false;
  }

  async complete(): Promise<void> {}

  async prepare(signal?: AbortSignal): Promise<SaveTarget> {
    const context = await this.repository(signal);
    const { oid } = await this.#stateBeforeMove(context, signal);
    return { context, ref: this.ref, parent: oid };
  }

  /** The repository, made if it is not there. */
  async repository(signal?: AbortSignal): Promise<GitContext> {
    const context =
      (await this.#find()) ?? (await createRepository(this.path, this.#views, this.#branch, this.#environment, signal));
    await removeLeftovers(context, signal);
    return context;
  }

  async publish(
    target: SaveTarget,
    written: WrittenSnapshot,
    template: CommitTemplate,
    signal?: AbortSignal,
  ): Promise<string[]> {
    const { context, ref } = target;
    let parent = target.parent;
    let commit: { oid: string; refMoved: boolean } = written;
    const contention = new Contention(this.#contention, `in ${this.path}`);
    while (!commit.refMoved) {
      await contention.wait('rejected', signal);
      parent = (await this.#stateBeforeMove(context, signal)).oid;
      commit = await rebase(context, { ref, parent }, template, written.folderTree, signal);
    }
    return this.showMove(context, parent, commit.oid);
  }

  /** The commit that the branch is at; null if there is none. */
  async head(context: GitContext, signal?: AbortSignal): Promise<string | null> {
    return (await this.#state(context, signal)).oid;
  }

  /** Moves the branch, if it still is at `from`, and its work tree. @returns warnings */
  async move(context: GitContext, from: string | null, to: string): Promise<string[]> {
    await this.#stateBeforeMove(context, undefined);
    const nothing = '0'.repeat(to.length);
    await git(context, ['update-ref', '-m', 'flowkeep', this.ref, to, from ?? nothing]);
    return this.showMove(context, from, to);
  }

  /** Brings the work tree along after the branch moved. @returns warnings */
  async showMove(context: GitContext, from: string | null, to: string): Promise<string[]> {
    const { here, elsewhere } = await this.#state(context);
    if (here) return bringWorkTreeAlong(context, from, to);
    if (elsewhere === null) return [];
    return [
      `the snapshot is saved, but branch ${this.#branch} is also checked out in ${elsewhere}, whose files were left ` +
        `alone: run \`git -C ${elsewhere} reset --hard\` there, or check out another branch`,
    ];
  }

  owed(): null {
    return null;
  }

  unasked(): null {
    return null;
  }

  async recover(failure: unknown, files: Files | null, signal?: AbortSignal): Promise<readonly string[] | null> {
    if (files === null || !mayBeDamaged(failure)) return null;
    const { done } = await this.mend(files, signal);
    return done.length > 0 ? done : null;
  }

  /** The repository where git can read it. */
  async find(): Promise<GitContext | null> {
    return this.#find().catch(() => null);
  }

  /** @param fetchAll gets all that a remote has into the repository */
  async mend(files: Files, signal?: AbortSignal, fetchAll: MendOptions['fetchAll'] = null): Promise<Mended> {
    const place = await findPlace(this.path);
    if (!place) return { done: [], healed: [] };
    const done = await mendFiles(place, this.#branch, this.#environment);
    const context = await this.#find();
    if (!context) return { done, healed: [] };
    const now = String(this.#contention.clock.now());
    const mended = await mend({ context, ref: this.ref, files, fetchAll, now, signal });
    return { ...mended, done: [...done, ...mended.done] };
  }

  async check(): Promise<void> {
    const context = await this.#find();
    if (context) await refuseLostBranch(context, this.ref);
    if (context) await tryToWrite(context.view?.commonDir ?? context.gitDir);
    else await tryToMake(this.path);
  }

  async #find(): Promise<GitContext | null> {
    return findRepository(this.path, this.#views, this.#environment);
  }

  async #stateBeforeMove(context: GitContext, signal: AbortSignal | undefined): Promise<BranchState> {
    const state = await this.#state(context, signal);
    if (state.here) await noteWorkTree(context, state.oid);
    return state;
  }

  async #state(context: GitContext, signal?: AbortSignal): Promise<BranchState> {
    const format = '%(objectname)%00%(HEAD)%00%(worktreepath)';
    const stdout = await git(context, ['for-each-ref', `--format=${format}`, this.ref], { signal });
    const [oid, mark, workTree] = stdout.replace(/\n$/, '').split('\0');
    if (oid === undefined || oid === '') return this.#unborn(context, signal);
    const here = context.workTree !== null && mark === '*';
    const isElsewhere = !here && workTree !== '' && context.workTree !== null;
    return { oid, here, elsewhere: isElsewhere ? mainWorkTree(context, workTree ?? '') : null };
  }

  /** The branch has no commit: HEAD may point at it all the same, as in a new repository. */
  async #unborn(context: GitContext, signal: AbortSignal | undefined): Promise<BranchState> {
    await refuseLostBranch(context, this.ref, signal);
    try {
      const stdout = await git(context, ['symbolic-ref', '--quiet', 'HEAD'], { signal });
      const here = context.workTree !== null && stdout.trim() === this.ref;
      return { oid: null, here, elsewhere: null };
    } catch (error) {
      // Exit code 1: HEAD is detached.
      if (error instanceof GitFailure && error.exitCode === 1) return { oid: null, here: false, elsewhere: null };
      throw error;
    }
  }
}

/** git takes the view for the main work tree's folder. */
function mainWorkTree({ view }: GitContext, workTree: string): string {
  return view && workTree === view.folder ? view.commonDir.replace(/\/\.git$/, '') : workTree;
}
