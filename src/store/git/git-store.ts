import { throwIfAborted } from '../../lib/errors.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import { StoreError } from '../errors.ts';
import type { SaveResult, SnapshotDraft, SnapshotInfo, Store, StoredDocument, StoredSnapshot } from '../store.ts';
import type { BranchRepairs, BranchView, Files, SnapshotBranch } from './branch/branch.ts';
import { GuardedWork } from './guarded-work.ts';
import type { GitDocuments } from './documents/documents.ts';
import type { GitPlace } from './process/git-errors.ts';
import type { GitEnvironment } from './process/git-environment.ts';
import { runGitGroup } from './process/git-process.ts';
import { type Commit, type HistoryQuery, lastFirst, readHistory } from './commit/history.ts';
import { displacedBy } from './commit/displaced.ts';
import { openSnapshot } from './commit/opened-snapshot.ts';
import type { GitAuthor } from './options.ts';
import { commitTemplate, hasSameFiles, writeSnapshot } from './commit/write-snapshot.ts';

export interface GitStoreParts {
  readonly name: string;
  readonly place: GitPlace;
  readonly branch: SnapshotBranch;
  readonly documents: GitDocuments;
  readonly author: GitAuthor;
  readonly environment: GitEnvironment;
  readonly logger?: Logger;
}

const A_DAY_MS = 86_400_000;
const NO_FILES: Files = new Map();

/**
 * Snapshots as commits on one branch. The branch is the only truth: a commit's message holds the header, its tree the
 * files. See store.ts for how the parts fit.
 */
export class GitStore implements Store {
  readonly name: string;
  readonly location: string;
  readonly retention = 'history';
  readonly #parts: GitStoreParts;
  /** Saves through this object run one after another: they would only get into each other's way. */
  #lastSave: Promise<unknown> = Promise.resolve();
  protected readonly work: GuardedWork;

  constructor(parts: GitStoreParts) {
    this.name = parts.name;
    this.location = parts.place.location;
    this.#parts = parts;
    this.work = new GuardedWork(parts);
  }

  async check(signal?: AbortSignal): Promise<void> {
    await this.work.run(signal, () => this.#parts.branch.check(signal));
  }

  async list(instance?: string, signal?: AbortSignal): Promise<SnapshotInfo[]> {
    return this.work.run(signal, async () => {
      const { branch } = this.#parts;
      const view = await branch.refresh(signal);
      if (!view) return nothingUnless(branch.unasked());
      await branch.deepen(view, true, signal);
      const commits = await readHistory(view.context, view.ref, { instance }, signal);
      return lastFirst(commits).map(({ info }) => info);
    });
  }

  async latest(instance: string, signal?: AbortSignal): Promise<StoredSnapshot | null> {
    return this.work.run(signal, async () => {
      const { branch } = this.#parts;
      const view = await branch.refresh(signal);
      const commits = view ? await this.#findAll(view, { instance, limit: 2 }, signal) : [];
      const [last] = commits;
      if (!view || !last) return null;
      const newest = isInOrder(commits) ? last : await this.#newestOfAll(view, instance, last, signal);
      const stored = await this.#open(view, newest, signal);
      const displaced = await displacedBy(view.context, view.ref, last, signal);
      return { ...stored, ...(displaced === null ? {} : { displaced }), ...this.#owed() };
    });
  }

  async open(instance: string, id: string, signal?: AbortSignal): Promise<StoredSnapshot> {
    return this.work.run(signal, async () => {
      const { branch } = this.#parts;
      const query = { instance, id, limit: 1 };
      const known = await branch.known(signal);
      // A snapshot never changes: one that is here needs no remote.
      const [here] = known ? await readHistory(known.context, known.ref, query, signal) : [];
      if (known && here) return this.#open(known, here, signal);
      const view = await branch.refresh(signal);
      const [found] = view ? await this.#findAll(view, query, signal) : [];
      if (view && found) return this.#open(view, found, signal);
      nothingUnless(branch.unasked());
      throw new StoreError('not-found', `store ${this.name} (${this.location}) has no snapshot ${id} of ${instance}`, {
        remedy: 'Run `flowkeep snapshots` to see which there are.',
      });
    });
  }

  async save(draft: SnapshotDraft, signal?: AbortSignal): Promise<SaveResult> {
    const turn = this.#lastSave.then(() => this.work.run(signal, () => this.#save(draft, signal), draft.files));
    this.#lastSave = turn.catch(() => undefined);
    return turn;
  }

  async remove(instance: string, id: string, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    throw new StoreError(
      'unsupported',
      `store ${this.name} keeps its snapshots as git history: ${id} of ${instance} cannot be removed from it`,
      { remedy: 'Keep the history, or start a new repository or branch and archive the old one.' },
    );
  }

  async readDocument(name: string, signal?: AbortSignal): Promise<StoredDocument | null> {
    return this.work.run(signal, () => this.#parts.documents.read(name, signal), NO_FILES);
  }

  async writeDocument(
    name: string,
    content: Uint8Array,
    expected: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    return this.work.run(signal, () => this.#parts.documents.write(name, content, expected, signal), NO_FILES);
  }

  async removeDocument(name: string, expected: string, signal?: AbortSignal): Promise<void> {
    return this.work.run(signal, () => this.#parts.documents.remove(name, expected, signal), NO_FILES);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastSave;
  }

  /** Work on a branch that can be mended, for the store of git-repairs.ts. */
  protected inBranch<T>(signal: AbortSignal | undefined, work: (repairs: BranchRepairs) => Promise<T>): Promise<T> {
    const { repairs } = this.#parts.branch;
    if (!repairs) throw new StoreError('unsupported', `store ${this.name} has no repository of its own`);
    return this.work.run(signal, () => work(repairs));
  }

  async #save(draft: SnapshotDraft, signal: AbortSignal | undefined): Promise<SaveResult> {
    const { branch, author, logger = silentLogger } = this.#parts;
    const target = await branch.prepare(signal);
    const existing = await this.#findSame({ context: target.context, ref: target.parent ?? '' }, draft, signal);
    if (existing) return { info: existing.info, filesWritten: 0, bytesWritten: 0, warnings: [], ...this.#owed() };

    const template = commitTemplate(draft, author);
    const written = await writeSnapshot(target.context, target, draft, template, signal);
    const warnings = await branch.publish(target, written, template, signal);
    // The snapshot is safe by now: housekeeping that fails is the next save's business too.
    await runGitGroup(target.context, ['gc', '--auto', '--quiet'], { signal }).catch((error: unknown) =>
      logger.warn({ store: this.name, error: String(error) }, 'git gc failed'),
    );
    const { filesWritten, bytesWritten } = written;
    return {
      info: draft.info,
      filesWritten,
      bytesWritten,
      warnings: [...this.work.takeMended(), ...warnings],
      ...this.#owed(),
    };
  }

  #owed(): Pick<SaveResult, 'owed'> {
    const owed = this.#parts.branch.owed();
    return owed ? { owed } : {};
  }

  /** The commit that holds this very snapshot already. @throws StoreError `conflict` where it holds other files */
  async #findSame(
    view: BranchView,
    draft: SnapshotDraft,
    signal: AbortSignal | undefined,
  ): Promise<Commit | undefined> {
    const { id, instance, takenAt } = draft.info;
    if (view.ref === '') return undefined;
    // A commit bears its snapshot's time, so that git need not walk through older ones; a day covers wrong clocks.
    const since = new Date(Date.parse(takenAt) - A_DAY_MS).toISOString();
    const [existing] = await readHistory(view.context, view.ref, { instance, id, since, limit: 1 }, signal);
    if (!existing || (await hasSameFiles(view.context, existing.oid, draft, signal))) return existing;
    throw new StoreError('conflict', `snapshot ${id} of ${instance} exists with other content`, {
      remedy: 'Snapshots are immutable: run the backup again, for a new id.',
    });
  }

  /** As the listing has it: a last commit that is dated before the one it follows may be a copy of an older one. */
  async #newestOfAll(
    view: BranchView,
    instance: string,
    last: Commit,
    signal: AbortSignal | undefined,
  ): Promise<Commit> {
    await this.#parts.branch.deepen(view, true, signal);
    const [newest = last] = lastFirst(await readHistory(view.context, view.ref, { instance }, signal));
    return newest;
  }

  /** Those that fit, the last one first, older commits fetched as long as none does. */
  async #findAll(view: BranchView, query: HistoryQuery, signal: AbortSignal | undefined): Promise<Commit[]> {
    do {
      const commits = await readHistory(view.context, view.ref, query, signal);
      if (commits.length > 0) return commits;
    } while (await this.#parts.branch.deepen(view, false, signal));
    return [];
  }

  async #open(view: BranchView, commit: Commit, signal: AbortSignal | undefined): Promise<StoredSnapshot> {
    await this.#parts.branch.complete(view, commit.oid, commit.info.instance, signal);
    return openSnapshot(view.context, commit, (failure, mayHelp) => this.#reopen(commit, failure, mayHelp), signal);
  }

  /**
   * Where reading a snapshot failed: mends what was in the way and gets the snapshot's objects again.
   * @throws the failure, as a user reads it, where that cannot be done
   */
  async #reopen({ oid, info }: Commit, failure: unknown, mayHelp: boolean): Promise<void> {
    const { branch } = this.#parts;
    if (!mayHelp || !(await this.work.recover(failure, null))) throw this.work.told(failure, undefined);
    await this.work.run(undefined, async () => {
      const view = await branch.refresh();
      const query = { instance: info.instance, id: info.id, limit: 1 };
      if (view && (await this.#findAll(view, query, undefined)).length > 0)
        await branch.complete(view, oid, info.instance);
    });
  }
}

function isInOrder([last, before]: readonly Commit[]): boolean {
  return !last || !before || Date.parse(last.info.takenAt) > Date.parse(before.info.takenAt);
}

/** @throws what kept the remote from being asked: then it may have what is not here */
function nothingUnless(unasked: StoreError | null): never[] {
  if (unasked) throw unasked;
  return [];
}
