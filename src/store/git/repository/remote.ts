import type { Clock } from '../../../lib/time.ts';
import { StoreError } from '../../errors.ts';
import { type GitContext, REMOTE } from '../process/git-environment.ts';
import { GitFailure, gitSays } from '../process/git-failure.ts';
import { git } from '../process/git.ts';
import { type GitOutput, type GitRunOptions, runGitGroup } from '../process/git-process.ts';
import { LOST_RACE } from '../process/refusals.ts';
import { isAncestor, type RefPair, resolveRef } from './refs.ts';
import { backOff, isTransient, retryTransient } from '../process/retry.ts';

/** What `--unshallow` asks for; but that one fails where another run was first to get all. */
const INFINITE_DEPTH = 0x7fff_ffff;

export interface RemoteOptions {
  readonly display: string;
  readonly idleMs: number;
  readonly contentionMs: number;
  readonly clock: Clock;
}

/** Objects that a fetch may leave out, to be fetched when they are read. */
export type FetchFilter = 'tree:0' | 'blob:none';

/** What is pushed where. */
export interface Push {
  readonly oid: string;
  readonly ref: string;
  /** Where the remote's ref must be (null: nowhere), or the push is `rejected`; left out where it does not matter. */
  readonly expected?: string | null;
}

/** A remote repository, as `git fetch` and `git push` see it. Never forces, never asks. */
export class Remote {
  readonly display: string;
  readonly clock: Clock;
  readonly contentionMs: number;
  readonly #idleMs: number;

  constructor({ display, idleMs, contentionMs, clock }: RemoteOptions) {
    this.display = display;
    this.clock = clock;
    this.contentionMs = contentionMs;
    this.#idleMs = idleMs;
  }

  /**
   * Brings the local ref to where the remote's is and gives its commit; null where the remote has no such ref, and then
   * there is no local one either. The first time it gets the newest commit alone, then what follows what is here.
   * @param isKnown whether older commits of the ref may be here although the local one is not
   * @param more patterns to fetch along with it, if there is such a ref
   */
  async fetchRef(
    context: GitContext,
    refs: RefPair,
    signal?: AbortSignal,
    isKnown = false,
    more: readonly string[] = [],
  ): Promise<string | null> {
    const isFirst = !isKnown && (await resolveRef(context, refs.local, signal)) === null;
    const shorten = isFirst ? ['--depth=1'] : [];
    // Objects that an earlier deepening left out do not mean that this fetch may leave some out.
    const args = [...FETCH, '--no-filter', ...shorten, REMOTE, `+${refs.remote}:${refs.local}`, ...more];
    for (let attempt = 1; ; attempt++) {
      try {
        await retryTransient(this.clock, signal, () => this.#network(context, args, { signal }));
        return await resolveRef(context, refs.local, signal);
      } catch (error) {
        if (!gitSays(error, /couldn't find remote ref/)) throw error;
        // So says git, too, where a page was in the server's place just then.
        if ((await this.#list(context, refs.remote, signal)) !== '') {
          if (attempt === LOOKS) throw error;
          continue;
        }
        const gone = await resolveRef(context, refs.local, signal);
        if (gone !== null) await git(context, ['update-ref', '-d', refs.local, gone], { signal });
        return null;
      }
    }
  }

  /** Gets older commits of a ref whose history is shortened. `count`: how many more, or all. */
  async deepen(
    context: GitContext,
    refs: RefPair,
    count: number | 'all',
    filter: FetchFilter | null,
    signal?: AbortSignal,
  ): Promise<void> {
    const depth = count === 'all' ? `--depth=${INFINITE_DEPTH}` : `--deepen=${count}`;
    const leaveOut = filter === null ? '--no-filter' : `--filter=${filter}`;
    const args = [...FETCH, leaveOut, depth, REMOTE, `+${refs.remote}:${refs.local}`];
    await retryTransient(this.clock, signal, () => this.#network(context, args, { signal }));
  }

  /** Gets all of the branch and of the documents, packed, into a repository that has nothing of them. */
  async fetchAll(context: GitContext, refs: RefPair, signal?: AbortSignal): Promise<void> {
    const wanted = [`+${refs.remote}:${refs.remote}`, '+refs/flowkeep/documents/*:refs/flowkeep/documents/*'];
    const args = ['-c', 'fetch.unpackLimit=1', ...FETCH, REMOTE, ...wanted];
    await retryTransient(this.clock, signal, () => this.#network(context, args, { signal }));
  }

  /** Gets single objects by id, many in one go. */
  async fetchObjects(context: GitContext, oids: readonly string[], signal?: AbortSignal): Promise<void> {
    // What is here already says nothing of what is missing: the server must not hear of it.
    const args = ['-c', 'fetch.negotiationAlgorithm=noop', ...FETCH, '--filter=blob:none', '--stdin', REMOTE];
    const input = oids.map((oid) => `${oid}\n`).join('');
    await retryTransient(this.clock, signal, () => this.#network(context, args, { signal, input }));
  }

  /**
   * Pushes a commit to a ref of the remote, forward only.
   * @param attempt counts from 1: after a few, a network that is in the way is an error
   * @returns `rejected` where the ref does not lead to the commit, since another writer was first; `unknown` where the
   * answer was lost, so that the remote must be asked what it has
   * @throws GitFailure
   */
  async push(
    context: GitContext,
    { oid, ref, expected }: Push,
    attempt: number,
    signal?: AbortSignal,
  ): Promise<'done' | 'rejected' | 'unknown'> {
    if (typeof expected === 'string' && !(await isAncestor(context, expected, oid, signal))) return 'rejected';
    // It forces nothing, the commit stands on what is expected. Without it a branch that was moved back or removed
    // since it was looked at would get all of it again.
    const lease = expected === undefined ? [] : [`--force-with-lease=${ref}:${expected ?? ''}`];
    try {
      await this.#network(context, [...PUSH, ...lease, REMOTE, `${oid}:${ref}`], { signal });
      return 'done';
    } catch (error) {
      if (gitSays(error, LOST_RACE)) return 'rejected';
      if (attempt < PUSH_ATTEMPTS && isTransient(error)) return 'unknown';
      throw error;
    }
  }

  /** Whether the remote can be read and written, without writing to it. */
  async check(context: GitContext, signal?: AbortSignal): Promise<void> {
    await this.assertGitServer(context, signal);
    try {
      // Deleting what does not exist changes nothing even if it were done, but needs the right to write.
      const args = [...PUSH, '--dry-run', REMOTE, ':refs/flowkeep/check'];
      await retryTransient(this.clock, signal, () => this.#network(context, args, { signal }));
    } catch (error) {
      if (!gitSays(error, /remote ref does not exist/)) throw error;
    }
  }

  /** @throws StoreError `format` where the address answers, but not as a git server */
  async assertGitServer(context: GitContext, signal?: AbortSignal): Promise<void> {
    await this.#list(context, 'HEAD', signal);
  }

  /**
   * The lines of `git ls-remote` for a ref: empty if there is none. git takes any page that a web server answers for
   * the listing of an empty repository. Only a git server speaks in packets, which git shows when it traces them.
   * @throws StoreError `format` where the address answers, but not as a git server
   */
  async #list(context: GitContext, ref: string, signal: AbortSignal | undefined): Promise<string> {
    const options = { signal, variables: { GIT_TRACE_PACKET: '2' } };
    for (let attempt = 1; attempt <= LOOKS; attempt++) {
      const { stdout, stderr } = await retryTransient(this.clock, signal, () =>
        this.#network(context, ['ls-remote', SERVE, REMOTE, ref], options),
      );
      if (/packet:.*</.test(stderr)) return stdout;
      await backOff(this.clock, attempt, signal);
    }
    throw new StoreError('format', `${this.display} answers, but not like a git server`, {
      remedy:
        "Check `remote` of the store: it must be the repository's clone URL, without a login page in front of it.",
    });
  }

  async #network(context: GitContext, args: readonly string[], options: GitRunOptions): Promise<GitOutput> {
    try {
      return await runGitGroup(context, args, { ...options, idleMs: this.#idleMs });
    } catch (error) {
      throw error instanceof GitFailure ? error.whileUnread(context.view?.unread ?? []) : error;
    }
  }
}

/** Said each time: then no `remote.*.uploadpack` names another program, should a setting reach git after all. */
const SERVE = '--upload-pack=git-upload-pack';

/** So often a push is tried whose answer is lost. */
export const PUSH_ATTEMPTS = 4;

/** So often is asked again where a page, or half an answer, may have been in the server's place. */
const LOOKS = 3;

/** Progress is asked for although nobody reads it: silence then means that nothing moves. */
const FETCH = ['fetch', SERVE, '--progress', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
const PUSH = ['push', '--receive-pack=git-receive-pack', '--progress', '--no-verify'];
