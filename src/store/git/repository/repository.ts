// The repository on disk and its remote: creating, opening, fetching, cleaning up, and the work tree that
// people see.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from '../../../lib/make-folder.ts';
import { git } from '../process/git.ts';
import type { GitContext, GitEnvironment } from '../process/git-environment.ts';
import { gitSays } from '../process/git-failure.ts';
import { entriesOf, locateRepository, type RepositoryPlace } from './locate.ts';
import { removeStaleLocks } from './stale-locks.ts';
import { openView } from './view.ts';

/**
 * The repository at this path, without its settings (view.ts); null where it is not made yet.
 * @throws StoreError `format` where something else is there, GitFailure
 */
export async function findRepository(
  path: string,
  views: string,
  environment: GitEnvironment,
): Promise<GitContext | null> {
  const place = await locateRepository(path);
  return place && withView(place, views, environment);
}

async function withView(place: RepositoryPlace, views: string, environment: GitEnvironment): Promise<GitContext> {
  const { gitDir, workTree } = place;
  return { gitDir, workTree, environment, view: await openView(place, views, environment) };
}

/** A clone of our own, which nobody else writes to; null where it is not made yet. */
export async function findCache(gitDir: string, environment: GitEnvironment): Promise<GitContext | null> {
  const place = await locateRepository(gitDir);
  return place && { gitDir, workTree: null, environment };
}

/** Makes the repository with `branch` checked out. Safe against others doing the same at the same moment. */
export async function createRepository(
  path: string,
  views: string,
  branch: string,
  environment: GitEnvironment,
  signal?: AbortSignal,
): Promise<GitContext> {
  await makeFolder(path);
  const gitDir = join(path, '.git');
  const place = { gitDir, commonDir: gitDir, workTree: path };
  const args = ['--quiet', '--template=', `--initial-branch=${branch}`, '--', path];
  await initialise(args, { ...place, environment }, path, signal);
  return withView(place, views, environment);
}

/** The bare repository at `gitDir`, made if it is not there: a clone that can be thrown away. */
export async function openCache(
  gitDir: string,
  environment: GitEnvironment,
  signal?: AbortSignal,
): Promise<GitContext> {
  const context = { gitDir, workTree: null, environment };
  const entries = await entriesOf(gitDir);
  if (!entries?.includes('HEAD') || !entries.includes('config')) {
    await makeFolder(gitDir, 0o700);
    await initialise(['--quiet', '--template=', '--bare', '--', gitDir], context, gitDir, signal);
  }
  return context;
}

const INIT_ATTEMPTS = 10;

async function initialise(
  args: readonly string[],
  context: GitContext,
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await git(context, ['init', ...args], { signal, cwd });
      return;
    } catch (error) {
      if (attempt === INIT_ATTEMPTS || !gitSays(error, /could not lock|File exists/)) throw error;
      // Another process makes the same repository at this moment, or one was killed while it did.
      await removeStaleLocks(context, async () => false, signal);
      await delay(30 * attempt);
    }
  }
}
