import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitContext } from '../process/git-environment.ts';

type Place = Pick<GitContext, 'gitDir'>;

/** What the note in the git directory says of a work tree that may be behind its branch. */
export interface WorkTreeNote {
  /** The commit that index and work tree are at; null: none, as in a new repository. */
  readonly at: string | null;
  /** A run is bringing them along. Where that run is gone, it was cut off, and its git may have left a lock. */
  readonly moving: boolean;
}

const NO_COMMIT = 'none';
const MOVING = 'moving';

/** null where there is no note: index and work tree are at the branch's commit. */
export async function readNote(place: Place): Promise<WorkTreeNote | null> {
  const text = await readFile(noteFile(place), 'utf8').catch(() => '');
  const [at = '', state] = text.split('\n');
  if (at !== NO_COMMIT && !/^[0-9a-f]{40,64}$/.test(at)) return null;
  return { at: at === NO_COMMIT ? null : at, moving: state === MOVING };
}

/** In one step, and under another name than that of another writer: a note that is cut off would forget the commit. */
export async function writeNote(place: Place, { at, moving }: WorkTreeNote): Promise<void> {
  const temporary = `${noteFile(place)}.${randomUUID()}.new`;
  await writeFile(temporary, [at ?? NO_COMMIT, ...(moving ? [MOVING] : []), ''].join('\n'));
  await rename(temporary, noteFile(place));
}

export async function removeNote(place: Place): Promise<void> {
  await rm(noteFile(place), { force: true });
}

/** Whether a lock of the index was left by a run that was cut off while it brought the work tree along. */
export async function wasCutOff(place: Place, indexLock: string): Promise<boolean> {
  if (!(await readNote(place))?.moving) return false;
  const [lock, note] = await Promise.all([stat(indexLock).catch(() => null), stat(noteFile(place)).catch(() => null)]);
  return lock !== null && note !== null && lock.mtimeMs >= note.mtimeMs;
}

function noteFile({ gitDir }: Place): string {
  return join(gitDir, 'flowkeep-work-tree');
}
