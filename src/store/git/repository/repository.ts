// The repository on disk and its remote: creating, opening, fetching, cleaning up, and the work tree that
// people see.

import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../../errors.ts';
import { disableConfiguredPrograms } from '../process/disable-configured-programs.ts';
import { git } from '../process/git.ts';
import type { GitContext, GitEnvironment } from '../process/git-environment.ts';
import { gitSays } from '../process/git-failure.ts';
import { removeStaleLocks } from './stale-locks.ts';

/**
 * The repository at exactly this path, with or without a work tree; null where it is not made yet (nothing there, or an
 * empty folder). A repository around the folder is never meant.
 * @throws StoreError `format` where something else is there
 */
export async function findRepository(path: string, environment: GitEnvironment): Promise<GitContext | null> {
  const found = await locate(path, environment);
  return found && disableConfiguredPrograms(found);
}

async function locate(path: string, environment: GitEnvironment): Promise<GitContext | null> {
  const entries = await entriesOf(path);
  if (entries === null) return null;
  if (entries.includes('.git')) {
    const gitDir = await gitDirOf(join(path, '.git'));
    // An init that was cut off leaves a folder without HEAD or config: init again completes it.
    const started = await entriesOf(gitDir);
    const complete = started?.includes('HEAD') && (started.includes('config') || started.includes('commondir'));
    return complete ? { gitDir, workTree: path, environment } : null;
  }
  if (['HEAD', 'objects', 'refs'].every((name) => entries.includes(name)))
    return { gitDir: path, workTree: null, environment };
  const foreign = entries.filter((name) => !HARMLESS.has(name));
  if (foreign.length === 0) return null;
  throw new StoreError('format', `${path} holds files but is not a git repository`, {
    remedy: `Set \`path\` to a new or empty folder, or run \`git init\` in ${path} if it is meant to be one.`,
  });
}

/** What a fresh disk or a file manager puts into an empty folder. */
const HARMLESS = new Set(['lost+found', '.DS_Store']);

/** Makes the repository with `branch` checked out. Safe against others doing the same at the same moment. */
export async function createRepository(
  path: string,
  branch: string,
  environment: GitEnvironment,
  signal?: AbortSignal,
): Promise<GitContext> {
  await mkdir(path, { recursive: true });
  const context = { gitDir: join(path, '.git'), workTree: path, environment };
  await initialise(['--quiet', '--template=', `--initial-branch=${branch}`, '--', path], context, path, signal);
  return context;
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
    await mkdir(gitDir, { recursive: true, mode: 0o700 });
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

async function entriesOf(path: string): Promise<string[] | null> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR')
      throw new StoreError('format', `${path} is not a folder`, {
        remedy: 'Set `path` of the store to a folder.',
      });
    throw error;
  }
}

/** `.git` is a folder, or in linked work trees and submodules a file that names one. */
async function gitDirOf(dotGit: string): Promise<string> {
  if ((await stat(dotGit)).isDirectory()) return dotGit;
  const target = /^gitdir: (.+)$/m.exec(await readFile(dotGit, 'utf8'))?.[1];
  return target === undefined ? dotGit : resolve(dotGit, '..', target);
}
