import type { LocalBranch } from '../branch/local-branch.ts';
import type { GitContext } from '../process/git-environment.ts';
import { backOff } from '../process/retry.ts';
import { isAncestor, outgoingRef, removeOutgoing } from '../repository/refs.ts';
import type { Remote } from '../repository/remote.ts';
import type { DocumentPlace } from './documents.ts';

/** Documents of a local repository: git's own move of a ref, from ancestor to descendant, is the compare-and-swap. */
export function localPlace(branch: LocalBranch): DocumentPlace {
  return {
    refresh: async () => (await branch.refresh())?.context ?? null,
    prepare: async (_ref, signal) => branch.repository(signal),
    outgoing: (ref) => ref,
    publish: async () => true,
  };
}

/** Documents of a remote: the newest version is fetched for each look, and the remote decides who was first. */
export function remotePlace(remote: Remote, repository: (signal?: AbortSignal) => Promise<GitContext>): DocumentPlace {
  const refresh = async (ref: string, signal?: AbortSignal): Promise<GitContext> => {
    const context = await repository(signal);
    await remote.fetchRef(context, { remote: ref, local: ref }, signal);
    return context;
  };
  const publish: DocumentPlace['publish'] = async (context, { ref, outgoing, oid }, signal) => {
    try {
      for (let attempt = 1; ; attempt++) {
        const outcome = await remote.push(context, { oid, ref }, attempt, signal);
        if (outcome !== 'unknown') return outcome === 'done';
        await backOff(remote.clock, attempt, signal);
        // It may have this version now, or another writer's, or neither.
        const there = await remote.fetchRef(context, { remote: ref, local: ref }, signal);
        if (there !== null && (await isAncestor(context, oid, there, signal))) return true;
      }
    } finally {
      await removeOutgoing(context, [outgoing]);
    }
  };
  return { refresh, prepare: refresh, outgoing: outgoingRef, publish };
}
