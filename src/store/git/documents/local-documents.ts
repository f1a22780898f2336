import type { DocumentPlace } from './documents.ts';
import type { GitContext } from '../process/git-environment.ts';
import type { LocalBranch } from '../branch/local-branch.ts';

/** Documents of a local repository: git's own move of a ref, from ancestor to descendant, is the compare-and-swap. */
export class LocalDocuments implements DocumentPlace {
  readonly #branch: LocalBranch;

  constructor(branch: LocalBranch) {
    this.#branch = branch;
  }

  async refresh(): Promise<GitContext | null> {
    return (await this.#branch.refresh())?.context ?? null;
  }

  async prepare(_ref: string, signal?: AbortSignal): Promise<GitContext> {
    return this.#branch.repository(signal);
  }

  outgoing(ref: string): string {
    return ref;
  }

  async publish(): Promise<boolean> {
    return true;
  }
}
