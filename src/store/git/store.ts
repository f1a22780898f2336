import { resolve } from 'node:path';
import { silentLogger } from '../../lib/logger.ts';
import { StoreError } from '../errors.ts';
import type { Store } from '../store.ts';
import { GitDocuments } from './documents.ts';
import { buildGitEnvironment } from './git-environment.ts';
import { GitStore } from './git-store.ts';
import { LocalBranch } from './local-branch.ts';
import { LocalDocuments } from './local-documents.ts';
import { DEFAULT_AUTHOR, DEFAULT_BRANCH, DEFAULT_TIMEOUTS, type GitStoreOptions } from './options.ts';

/** A store of snapshots in git: one commit each, on one branch. Nothing is touched before the first method is called. */
export function createGitStore(options: GitStoreOptions): Store {
  const { name, branch = DEFAULT_BRANCH, author = DEFAULT_AUTHOR, logger = silentLogger } = options;
  const { idleMs } = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const environment = buildGitEnvironment({ env: options.env, idleMs });
  if (options.path === undefined)
    throw new StoreError('failed', `store ${name} has neither a path nor a remote`);
  const path = resolve(options.path);
  const local = new LocalBranch(path, branch, environment);
  return new GitStore({
    name,
    place: { store: name, location: path, secrets: [] },
    branch: local,
    documents: new GitDocuments(new LocalDocuments(local), author),
    author,
    logger,
  });
}
