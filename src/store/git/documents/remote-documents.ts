import type { DocumentPlace } from './documents.ts';
import type { GitContext } from '../process/git-environment.ts';
import { outgoingRef, removeOutgoing, resolveRef } from '../repository/refs.ts';
import { isAncestor, type Remote } from '../repository/remote.ts';
import { backOff, isTransient } from '../process/retry.ts';

const ATTEMPTS = 4;

/** Documents of a remote: the newest version is fetched for each look, and the remote decides who was first. */
export class RemoteDocuments implements DocumentPlace {
  readonly #remote: Remote;
  readonly #repository: (signal?: AbortSignal) => Promise<GitContext>;

  constructor(remote: Remote, repository: (signal?: AbortSignal) => Promise<GitContext>) {
    this.#remote = remote;
    this.#repository = repository;
  }

  async refresh(ref: string, signal?: AbortSignal): Promise<GitContext> {
    const context = await this.#repository(signal);
    await this.#fetch(context, ref, signal);
    return context;
  }

  async prepare(ref: string, signal?: AbortSignal): Promise<GitContext> {
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
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#remote.push(context, oid, ref, signal);
        } catch (error) {
          if (attempt === ATTEMPTS || !isTransient(error)) throw error;
        }
        // The answer was lost: the remote may have it, or another writer's, or neither.
        await backOff(this.#remote.clock, attempt, signal);
        const there = await this.#fetch(context, ref, signal);
        if (there !== null && (await isAncestor(context, oid, there, signal))) return true;
      }
    } finally {
      await removeOutgoing(context, [outgoing]);
    }
  }

  async #fetch(context: GitContext, ref: string, signal: AbortSignal | undefined): Promise<string | null> {
    const known = await resolveRef(context, ref, signal);
    return this.#remote.fetchRef(
      context,
      { remote: ref, local: ref },
      known === null ? 1 : 'incremental',
      signal,
    );
  }
}
