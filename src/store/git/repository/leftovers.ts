import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeStaleLocks, type LockedPlace } from './stale-locks.ts';
import { wasCutOff } from './work-tree-note.ts';

const AN_HOUR_MS = 3_600_000;

/** Names of what git and flowkeep leave where they are killed while they write, by folder of the repository. */
const LEFTOVERS: readonly (readonly [folder: string, pattern: RegExp])[] = [
  // Packs that were never finished.
  [join('objects', 'pack'), /^(tmp_(pack|idx|rev)_|\.tmp-)/],
  // Folders of objects that were not moved to the others yet.
  ['objects', /^tmp_objdir-/],
  // Reports of a fast-import that was cut off, what `git init` tries links with, notes that were not put in place, and
  // probes of the time.
  ['.', /^(fast_import_crash_\d+|t[A-Za-z0-9]{6}|flowkeep-(work-tree|time)\.[0-9a-f-]{36}\.new)$/],
];

/**
 * Removes what a killed run left: locks as soon as it is sure that nobody holds them, because nothing can be written
 * before; all else after an hour, since it is only in nobody's way.
 */
export async function removeLeftovers(place: LockedPlace, signal?: AbortSignal): Promise<void> {
  await removeStaleLocks(place, (lock) => wasCutOff(place, lock), signal);
  const old = Date.now() - AN_HOUR_MS;
  for (const [name, pattern] of LEFTOVERS) {
    const folder = join(place.gitDir, name);
    for (const entry of (await entriesOf(folder)).filter((each) => pattern.test(each))) {
      const age = await stat(join(folder, entry)).catch(() => null);
      if (age && age.mtimeMs < old) await rm(join(folder, entry), { recursive: true, force: true });
    }
  }
}

async function entriesOf(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another run removes the same, or there is no such folder yet.
    if (code === 'ENOENT') return [];
    throw error;
  }
}
