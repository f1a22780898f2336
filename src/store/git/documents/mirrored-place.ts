import { throwIfAborted } from '../../../lib/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import { isOfRemote } from '../branch/owed.ts';
import type { GitContext } from '../process/git-environment.ts';
import { git } from '../process/git.ts';
import { backOff } from '../process/retry.ts';
import { isAncestor, outgoingRef, removeOutgoing, resolveRef } from '../repository/refs.ts';
import type { Remote } from '../repository/remote.ts';
import type { DocumentPlace } from './documents.ts';

export interface MirroredPlaceParts {
  readonly remote: Remote;
  /** The local repository, for messages. */
  readonly path: string;
  readonly repository: (signal?: AbortSignal) => Promise<GitContext>;
  /** Whether the remote did not answer when it was last asked: then it is not asked again for each document. */
  readonly isDown: () => boolean;
  readonly logger: Logger;
}

const DOCUMENTS = 'refs/flowkeep/documents/';
const THERE = 'refs/flowkeep/remote-documents/';
/** Versions that were written while the remote could not be asked, and are not there yet. */
const UNSENT = 'refs/flowkeep/unsent-documents/';

/**
 * What restores remember (`INSTANCE/identity.json`, `INSTANCE/restore-journal.json`) and which server was confirmed
 * (`INSTANCE/server.json`), for the fetch of the branch: a run that finds the remote down knows all that the last run
 * knew, makes no item a second time, and asks nothing again.
 */
export const MEMORY_REFSPECS = ['identity%2ejson', 'restore-journal%2ejson', 'server%2ejson'].map(
  (name) => `+${DOCUMENTS}*%2f${name}:${THERE}*%2f${name}`,
);

/** So often is looked again where other writers move the same document. */
const LOOKS = 5;

/**
 * Documents of a local repository with a remote. The remote decides who was first. Where it cannot be asked, the local
 * repository does: a lock then keeps runs on this folder apart and no others, and what a restore remembers is what was
 * known when the remote was last asked. What is written then goes to the remote with the next run that can ask it;
 * where somebody wrote the document there meanwhile, theirs counts, and the local one stays under a ref of its own.
 */
export class MirroredPlace implements DocumentPlace {
  readonly #parts: MirroredPlaceParts;
  readonly #told = new Set<string>();

  constructor(parts: MirroredPlaceParts) {
    this.#parts = parts;
  }

  async refresh(ref: string, signal?: AbortSignal): Promise<GitContext> {
    const { repository, isDown } = this.#parts;
    const context = await repository(signal);
    const isAsked = !isDown() && (await this.#unlessDown(signal, () => this.#follow(context, ref, signal)));
    if (isAsked) return context;
    this.#tellAlone(ref);
    const known = await resolveRef(context, thereOf(ref), signal);
    const here = await resolveRef(context, ref, signal);
    // What came along with the branch may be newer than the last look at the document itself.
    const isNewer = known !== null && (here === null || (await isAncestor(context, here, known, signal)));
    if (isNewer && known !== here) await moveIfStill(context, ref, here, known);
    return context;
  }

  prepare(ref: string, signal?: AbortSignal): Promise<GitContext> {
    return this.refresh(ref, signal);
  }

  outgoing(): string {
    return outgoingRef();
  }

  async publish(
    context: GitContext,
    { ref, outgoing, oid }: { readonly ref: string; readonly outgoing: string; readonly oid: string },
    signal?: AbortSignal,
  ): Promise<boolean> {
    try {
      const here = await resolveRef(context, ref, signal);
      if (here !== null && !(await isAncestor(context, here, oid, signal))) return false;
      let isFirst = true;
      const push = async (): Promise<void> => {
        isFirst = await this.#push(context, ref, oid, signal);
      };
      const isPushed = !this.#parts.isDown() && (await this.#unlessDown(signal, push));
      if (!isPushed) {
        if (!(await moveIfStill(context, ref, here, oid))) return false;
        await git(context, ['update-ref', unsentOf(ref), oid]);
        return true;
      }
      if (isFirst) await git(context, ['update-ref', '--stdin'], { input: moves([ref, thereOf(ref)], oid) });
      return isFirst;
    } finally {
      await removeOutgoing(context, [outgoing]);
    }
  }

  /** Brings to the remote what was written while it could not be asked. */
  async deliver(context: GitContext, signal?: AbortSignal): Promise<void> {
    const stdout = await git(context, ['for-each-ref', '--format=%(refname)', UNSENT], { signal });
    for (const unsent of stdout.split('\n').filter((line) => line !== '')) {
      const ref = `${DOCUMENTS}${unsent.slice(UNSENT.length)}`;
      await this.#unlessDown(signal, () => this.#follow(context, ref, signal));
    }
  }

  /** Brings the two versions of a document together. */
  async #follow(context: GitContext, ref: string, signal: AbortSignal | undefined): Promise<void> {
    for (let look = 1; look <= LOOKS; look++) {
      const here = await resolveRef(context, ref, signal);
      const unsent = await resolveRef(context, unsentOf(ref), signal);
      const there = await this.#parts.remote.fetchRef(context, pairOf(ref), signal, here !== null);
      if (await this.#isTogether(context, ref, { here, there, isSent: unsent === null }, signal)) {
        if (unsent !== null) await moveIfStill(context, unsentOf(ref), unsent, null);
        return;
      }
    }
  }

  /** @returns false where others moved the document meanwhile */
  async #isTogether(
    context: GitContext,
    ref: string,
    { here, there, isSent }: Versions,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (here === there) return true;
    const isOld = here === null || isSent || (there !== null && (await isAncestor(context, here, there, signal)));
    if (isOld) return moveIfStill(context, ref, here, there);
    if (there !== null && !(await isAncestor(context, there, here, signal))) {
      await this.#takeTheirs(context, ref, here, there);
      return true;
    }
    if (!(await this.#push(context, ref, here, signal))) return false;
    await git(context, ['update-ref', thereOf(ref), here]);
    return true;
  }

  async #takeTheirs(context: GitContext, ref: string, here: string, there: string): Promise<void> {
    const { path, remote } = this.#parts;
    const kept = `refs/flowkeep/replaced/${nameOf(ref)}-${here.slice(0, 16)}`;
    await git(context, ['update-ref', kept, here]);
    await moveIfStill(context, ref, here, there);
    this.#tellOnce(
      ref,
      `${nameOf(ref)} was written here while ${remote.display} could not be asked, and there by another run: theirs ` +
        `counts, and ${path} keeps the other one as ${kept}`,
    );
  }

  /** @returns whether this version is the newest there; false where another writer was first */
  async #push(context: GitContext, ref: string, oid: string, signal: AbortSignal | undefined): Promise<boolean> {
    const { remote } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      const outcome = await remote.push(context, { oid, ref }, attempt, signal);
      if (outcome !== 'unknown') return outcome === 'done';
      await backOff(remote.clock, attempt, signal);
      // It may have this version now, or another writer's, or neither.
      const there = await remote.fetchRef(context, pairOf(ref), signal, true);
      if (there !== null && (await isAncestor(context, oid, there, signal))) return true;
    }
  }

  /** @returns false where the remote could not be asked, or would not have it */
  async #unlessDown(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      throwIfAborted(signal);
      if (!isOfRemote(error)) throw error;
      return false;
    }
  }

  #tellAlone(ref: string): void {
    const { path, remote } = this.#parts;
    this.#tellOnce(
      ref,
      `${remote.display} could not be asked for ${nameOf(ref)}: that of ${path} counts, as it was when the remote was ` +
        'last asked. A lock keeps runs on this folder apart then, and none on other machines',
    );
  }

  #tellOnce(ref: string, text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#parts.logger.warn({ document: nameOf(ref) }, text);
  }
}

interface Versions {
  readonly here: string | null;
  readonly there: string | null;
  /** The remote had the one that is here. */
  readonly isSent: boolean;
}

function nameOf(ref: string): string {
  return ref.slice(DOCUMENTS.length);
}

/** Where the remote's version was when it was last asked. */
function thereOf(ref: string): string {
  return `${THERE}${nameOf(ref)}`;
}

function unsentOf(ref: string): string {
  return `${UNSENT}${nameOf(ref)}`;
}

function pairOf(ref: string): { readonly remote: string; readonly local: string } {
  return { remote: ref, local: thereOf(ref) };
}

function moves(refs: readonly string[], to: string): string {
  return refs.map((ref) => `update ${ref} ${to}\n`).join('');
}

/** Moves a ref, or removes it (null). False where another process moved it meanwhile. */
async function moveIfStill(context: GitContext, ref: string, from: string | null, to: string | null): Promise<boolean> {
  const nothing = '0'.repeat((to ?? from ?? '').length);
  const args = to === null ? ['-d', ref, from ?? nothing] : [ref, to, from ?? nothing];
  try {
    await git(context, ['update-ref', ...args]);
    return true;
  } catch (error) {
    if ((await resolveRef(context, ref)) === from) throw error;
    return false;
  }
}
