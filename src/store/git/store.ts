// Snapshots as commits of a git branch, local or pushed to a remote. Foreign files and commits are never
// changed.

import { join, resolve } from 'node:path';
import { UsageError } from '../../lib/errors.ts';
import { sha256 } from '../../lib/hash.ts';
import { silentLogger } from '../../lib/logger.ts';
import { systemClock } from '../../lib/time.ts';
import type { Store } from '../store.ts';
import type { SnapshotBranch } from './branch/branch.ts';
import { isBranchName } from './branch/branch-name.ts';
import { type DocumentPlace, GitDocuments } from './documents/documents.ts';
import { buildGitEnvironment, type GitEnvironment } from './process/git-environment.ts';
import { RepairingGitStore } from './git-repairs.ts';
import { GitStore } from './git-store.ts';
import { LocalBranch } from './branch/local-branch.ts';
import { MirroredBranch, type MirroredOptions } from './branch/mirrored-branch.ts';
import { DEFAULT_AUTHOR, DEFAULT_BRANCH, DEFAULT_TIMEOUTS, type GitAuth, type GitStoreOptions } from './options.ts';
import { Remote } from './repository/remote.ts';
import { RemoteBranch } from './branch/remote-branch.ts';
import { MEMORY_REFSPECS, MirroredPlace } from './documents/mirrored-place.ts';
import { localPlace, remotePlace } from './documents/places.ts';
import { parseRemoteUrl, type RemoteUrl } from './repository/remote-url.ts';

/**
 * A store of snapshots in git: one commit each, on one branch. Nothing is touched before the first method is called.
 *
 * - `path` alone: a local repository (local-branch.ts).
 * - `remote` alone: the remote is the truth; a bare clone below `cacheDir` can be thrown away (remote-branch.ts).
 * - both: snapshots are committed locally and pushed, and the two are kept in step (mirrored-branch.ts).
 *
 * A crash at any moment leaves the snapshots before it: `git fast-import` moves the branch last, and only from an
 * ancestor to a descendant. Two writers lose nothing: the slower one puts its folder on top of the faster one's commit.
 * @throws UsageError where the options cannot be used
 */
export function createGitStore(options: GitStoreOptions): Store {
  const { name, author = DEFAULT_AUTHOR, logger = silentLogger } = options;
  const url = options.remote === undefined ? null : parseRemoteUrl(options.remote);
  const auth = url && authOf(options.auth, url);
  const { idleMs } = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const environment = environmentOf(options, url, auth, idleMs);
  const { branch, documents } = arrange(options, url, environment);
  const location = [options.path && resolve(options.path), url?.display].filter(Boolean).join(' and ');
  const place = { store: name, location };
  return new (branch.repairs ? RepairingGitStore : GitStore)({
    name,
    place,
    branch,
    documents: new GitDocuments(documents, author),
    author,
    environment,
    logger,
  });
}

function arrange(
  options: GitStoreOptions,
  url: RemoteUrl | null,
  environment: GitEnvironment,
): { branch: SnapshotBranch; documents: DocumentPlace } {
  const { name, path, branch = DEFAULT_BRANCH, logger = silentLogger, clock = systemClock } = options;
  if (!isBranchName(branch)) {
    throw new UsageError(`${JSON.stringify(branch)} is not a name for a git branch`, 'Use a name such as main.');
  }
  const { idleMs, contentionMs } = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const local =
    path === undefined
      ? null
      : new LocalBranch(resolve(path), { branch, views: resolve(options.cacheDir), clock, contentionMs }, environment);
  if (!url) {
    if (!local) throw new UsageError(`store ${name} has neither a path nor a remote`, 'Give it one of them.');
    return { branch: local, documents: localPlace(local) };
  }
  const remote = new Remote({ display: url.display, idleMs, contentionMs, clock });
  if (local) return mirror(local, remote, { branch, environment, logger });
  const shared = new RemoteBranch(remote, cloneFolder(options, url), { branch, environment, logger });
  return { branch: shared, documents: remotePlace(remote, (signal) => shared.repository(signal)) };
}

function mirror(
  local: LocalBranch,
  remote: Remote,
  options: Pick<MirroredOptions, 'branch' | 'environment' | 'logger'>,
): { branch: SnapshotBranch; documents: DocumentPlace } {
  const branch: MirroredBranch = new MirroredBranch(local, remote, {
    ...options,
    alongside: MEMORY_REFSPECS,
    deliver: (context, signal) => documents.deliver(context, signal),
  });
  const documents = new MirroredPlace({
    remote,
    path: local.path,
    repository: (signal) => branch.repository(signal),
    isDown: () => branch.isRemoteDown,
    logger: options.logger,
  });
  return { branch, documents };
}

function cloneFolder({ cacheDir }: GitStoreOptions, { url }: RemoteUrl): string {
  return join(resolve(cacheDir), `${sha256(url).slice(0, 24)}.git`);
}

function environmentOf(
  options: GitStoreOptions,
  url: RemoteUrl | null,
  auth: GitAuth | null,
  idleMs: number,
): GitEnvironment {
  return buildGitEnvironment({
    env: options.env,
    idleMs,
    ...(url ? { remoteUrl: url.url } : {}),
    ...(auth ? { auth } : {}),
    ...(options.ssh ? { ssh: options.ssh } : {}),
  });
}

function authOf(auth: GitAuth | undefined, { username }: RemoteUrl): GitAuth | null {
  if (!auth) return null;
  return { ...(username === null ? {} : { username }), ...auth };
}
