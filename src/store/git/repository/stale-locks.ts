import { randomUUID } from 'node:crypto';
import { readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { GitContext } from '../process/git-environment.ts';

export type LockedPlace = Pick<GitContext, 'gitDir' | 'workTree'>;

/**
 * git holds the lock of a ref, of the configuration or of a list of refs for milliseconds, and waits this long for
 * another's (core.filesRefLockTimeout): one that is older has no owner any more.
 */
const STALE_MS = 5_000;
/** Where the system does not tell which processes there are (anything but Linux). */
const STALE_UNSEEN_MS = 3_600_000;
const POLL_MS = 100;

/**
 * Removes the locks that git leaves when it is killed. Nobody else would: git itself refuses to work until somebody
 * deletes them by hand, and so every backup would fail from then on.
 *
 * A lock is stale when no git works on the repository, as far as can be seen from here, and nobody has touched it for
 * longer than git ever holds one; younger ones are waited for. Should its owner be alive all the same (on another
 * machine, stopped), nothing is lost: git renames its lock into place and fails where it is gone.
 * @param isOurs says of the lock of the index whether flowkeep's git left it; somebody else's may be held for as long
 * as an editor is open, and is never touched
 */
export async function removeStaleLocks(
  place: LockedPlace,
  isOurs: (lock: string) => Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> {
  for (const lock of await findLocks(place.gitDir)) {
    if (lock === join(place.gitDir, 'index.lock') && !(await isOurs(lock))) continue;
    if (await isStale(place, lock, signal)) await rm(lock, { force: true });
  }
}

/** Locks of refs, and of the files beside them. Those of objects are git's own housekeeping. */
async function findLocks(gitDir: string): Promise<string[]> {
  const isLock = (path: string): boolean => path.endsWith('.lock');
  const beside = (await entriesOf(gitDir, false)).filter(isLock);
  const ofRefs = (await entriesOf(join(gitDir, 'refs'), true)).filter(isLock);
  return [...beside.map((name) => join(gitDir, name)), ...ofRefs.map((path) => join(gitDir, 'refs', path))];
}

/** Waits until a lock is gone, or old enough to tell whether there is a git that could hold it. */
async function isStale(place: LockedPlace, lock: string, signal: AbortSignal | undefined): Promise<boolean> {
  const aheadMs = (await fileTime(place.gitDir)) - Date.now();
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const found = await stat(lock).catch(() => null);
    if (!found) return false;
    const working = await isGitAtWork(place);
    const oldEnough = working === null ? STALE_UNSEEN_MS : STALE_MS;
    // Where that clock is set meanwhile: what was seen for so long is as old, too.
    const ageMs = Math.max(Date.now() + aheadMs - found.mtimeMs, waitedMs);
    if (working !== true && ageMs >= oldEnough) return true;
    if (ageMs >= STALE_MS) return false;
    await delay(POLL_MS, undefined, { signal });
  }
}

/**
 * What time it is by the clock that dates the repository's files, in milliseconds since 1970: a file server's may be
 * hours behind this machine's, and a lock that another machine took just now would look abandoned. Where nothing can be
 * written, no lock can be removed either: this machine's time will do.
 */
async function fileTime(gitDir: string): Promise<number> {
  const probe = join(gitDir, `flowkeep-time.${randomUUID()}.new`);
  try {
    await writeFile(probe, '');
    return (await stat(probe)).mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return Date.now();
    throw error;
  } finally {
    await rm(probe, { force: true });
  }
}

/** Whether a git runs in the repository or its work tree; null where that cannot be known. */
async function isGitAtWork({ gitDir, workTree }: LockedPlace): Promise<boolean | null> {
  const processes = (await entriesOf('/proc', false)).filter((name) => /^\d+$/.test(name));
  if (processes.length === 0) return null;
  for (const id of processes) {
    const name = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '');
    if (!name.startsWith('git')) continue;
    const folder = await readlink(`/proc/${id}/cwd`).catch(whyUnreadable);
    if (folder === null || isWithin(folder, gitDir) || (workTree !== null && isWithin(folder, workTree))) return true;
  }
  return false;
}

/** null: another user's process, which may be anywhere. Empty: the process has ended. */
function whyUnreadable(error: NodeJS.ErrnoException): string | null {
  return error.code === 'EACCES' || error.code === 'EPERM' ? null : '';
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

async function entriesOf(path: string, recursive: boolean): Promise<string[]> {
  try {
    return await readdir(path, { recursive });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A repository that is not made yet; or a folder that git removed meanwhile.
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
