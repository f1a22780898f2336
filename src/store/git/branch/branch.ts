// The branch that holds the snapshots, in its three forms: local, at a remote, and local with a remote. How
// it moves when others commit too.

import type { StoreError } from '../../errors.ts';
import type { DraftFile } from '../../store.ts';
import type { Mended } from '../repair/mend.ts';
import type { GitContext } from '../process/git-environment.ts';
import type { CommitTemplate, WrittenSnapshot } from '../commit/write-snapshot.ts';

/** A ref to read snapshots from. */
export interface BranchView {
  readonly context: GitContext;
  readonly ref: string;
}

/** What a new snapshot's commit stands on, and the ref that it is written to. */
export interface SaveTarget {
  readonly context: GitContext;
  readonly ref: string;
  readonly parent: string | null;
}

/**
 * The branch that holds the snapshots, in one of three arrangements: a local repository (local-branch.ts), a remote
 * with a throw-away clone (remote-branch.ts), or a local repository that is pushed to a remote (mirrored-branch.ts).
 * All throw GitFailure, StoreError and InterruptedError.
 */
export interface SnapshotBranch {
  /** The branch as it is now, the remote asked; null if there is none yet. */
  refresh(signal?: AbortSignal): Promise<BranchView | null>;

  /** The branch as far as it is known here, without asking a remote. */
  known(signal?: AbortSignal): Promise<BranchView | null>;

  /** Gets older commits of a shortened history; false where all of it is here. `all`: the whole history at once. */
  deepen(view: BranchView, all: boolean, signal?: AbortSignal): Promise<boolean>;

  /** Gets the objects of one snapshot, where only its commit is here. */
  complete(view: BranchView, commit: string, instance: string, signal?: AbortSignal): Promise<void>;

  /** Makes ready for a commit. Creates the repository on first use. */
  prepare(signal?: AbortSignal): Promise<SaveTarget>;

  /**
   * Makes a written commit the branch's newest, on top of what others added meanwhile.
   * @returns warnings
   */
  publish(
    target: SaveTarget,
    written: WrittenSnapshot,
    template: CommitTemplate,
    signal?: AbortSignal,
  ): Promise<string[]>;

  /**
   * What the last look or save could not do at a remote although all is well here, with the remedy: then what was given
   * is what is known here, and what was saved is to be pushed yet. null: nothing.
   */
  owed(): StoreError | null;

  /** The same where the remote could not even be asked what it has: what is not here may be there. */
  unasked(): StoreError | null;

  /**
   * Mends what stands in the way of all work, as far as what is lost can be had again.
   * @param failure what that work ended with
   * @param files what n8n has now, of the snapshot that is being saved; null: nothing that lasts may be changed, since
   * somebody only reads
   * @returns what was done, in sentences; null where there is nothing to be done about it
   */
  recover(failure: unknown, files: Files | null, signal?: AbortSignal): Promise<readonly string[] | null>;

  /** Where damage of the repository can be mended, and not only thrown away: see Repairs. */
  readonly repairs?: BranchRepairs;

  /** Whether the branch can be read and written: tried, and nothing of it is left. */
  check(signal?: AbortSignal): Promise<void>;
}

export type Files = ReadonlyMap<string, DraftFile>;

/** Mends the repository of a branch. */
export interface BranchRepairs {
  /** The repository, or null where there is none that git can read. */
  find(): Promise<GitContext | null>;
  mend(files: Files, signal?: AbortSignal): Promise<Mended>;
}
