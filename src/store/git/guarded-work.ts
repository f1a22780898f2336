import { FlowkeepError, throwIfAborted } from '../../lib/errors.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import type { Files, SnapshotBranch } from './branch/branch.ts';
import type { GitEnvironment } from './process/git-environment.ts';
import { type GitPlace, toStoreError } from './process/git-errors.ts';
import { requireGit } from './process/git-version.ts';
import { markFailure } from './repair/marks.ts';
import { mayBeDamaged } from './repair/may-be-damaged.ts';

export interface GuardedParts {
  readonly name: string;
  readonly place: GitPlace;
  readonly branch: SnapshotBranch;
  readonly environment: GitEnvironment;
  readonly logger?: Logger;
}

/** Runs work on a repository: mends what is in its way, and makes of git's words an error that a user can read. */
export class GuardedWork {
  readonly #parts: GuardedParts;
  /** What was mended since something was saved, in sentences. */
  readonly #mended: string[] = [];

  constructor(parts: GuardedParts) {
    this.#parts = parts;
  }

  /**
   * Work that can be done twice.
   * @param files what n8n has now, of the snapshot that is being saved; null: the work only reads, and what lasts is
   * not mended for it
   */
  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>, files: Files | null = null): Promise<T> {
    throwIfAborted(signal);
    const { environment, logger = silentLogger } = this.#parts;
    try {
      await requireGit(environment, logger, signal);
      return await work();
    } catch (error) {
      if (!(await this.recover(error, files, signal))) throw this.told(error, signal);
    }
    return work().catch((error: unknown) => {
      throw this.told(error, signal);
    });
  }

  /** Whether work that failed may go well now, since what was in its way was mended. */
  async recover(failure: unknown, files: Files | null, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return false;
    const done = await this.#parts.branch.recover(failure, files, signal).catch((error: unknown) => {
      throw this.told(error, signal);
    });
    if (done === null) await this.#note(failure);
    else this.say(done);
    return done !== null;
  }

  /** Tells what was mended, in the log at once and with what is saved next. */
  say(done: readonly string[]): void {
    for (const each of done) this.#parts.logger?.warn({ store: this.#parts.name }, each);
    this.#mended.push(...done);
  }

  takeMended(): string[] {
    return this.#mended.splice(0);
  }

  told(error: unknown, signal: AbortSignal | undefined): Error {
    if (error instanceof FlowkeepError) return error;
    // Ctrl-C at a terminal ends git as well, be it told of the signal or not.
    throwIfAborted(signal);
    return toStoreError(error, this.#parts.place);
  }

  /** Remembers the objects that git could not read, so that the next backup looks for them. */
  async #note(failure: unknown): Promise<void> {
    if (!mayBeDamaged(failure)) return;
    const context = await this.#parts.branch.repairs?.find();
    if (context) await markFailure(context, failure);
  }
}
