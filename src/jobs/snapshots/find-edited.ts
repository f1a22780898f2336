import { digestOf } from '../../lib/hash.ts';
import { knownHashes, mayBeDigestOf, type FileHashes } from '../../store/authenticity.ts';
import { isStoreError } from '../../store/errors.ts';
import type { SnapshotInfo } from '../../store/store.ts';

/** More files than this are not tried one by one: each try hashes the names of the whole snapshot. */
const MAX_TRIES = 500;
/** More files than this are counted, not named. */
const MAX_NAMED = 20;

/**
 * Names the files of a snapshot that were edited since it was saved, as far as other snapshots of the instance show
 * them: `: edited since it was saved: a, b`. Empty where nothing is known.
 * @param neighbours the likeliest first; one that cannot be read is passed over
 */
export async function nameEdited(
  expected: string,
  hashes: FileHashes,
  neighbours: readonly SnapshotInfo[],
  readHashes: (neighbour: SnapshotInfo) => Promise<FileHashes>,
): Promise<string> {
  // Nothing was edited, or it is not known: other reasons than the digest are against it.
  if (mayBeDigestOf(expected, hashes)) return '';
  let suspects: readonly string[] = [];
  for (const neighbour of neighbours) {
    const other = await unlessUnreadable(readHashes(neighbour));
    if (other === null) continue;
    const { paths, proven } = findEdited(expected, hashes, other);
    if (proven) return `: edited since it was saved: ${shorten(paths)}`;
    if (suspects.length === 0 || paths.length < suspects.length) suspects = paths;
  }
  return suspects.length === 0 ? '' : `: edited since it was saved, among these: ${shorten(suspects)}`;
}

/** null where another snapshot may tell instead. */
async function unlessUnreadable(reading: Promise<FileHashes>): Promise<FileHashes | null> {
  try {
    return await reading;
  } catch (error) {
    if (isStoreError(error, 'integrity') || isStoreError(error, 'not-found') || isStoreError(error, 'format'))
      return null;
    throw error;
  }
}

/** The snapshots right before and after: most of their files are the same. */
export function neighboursOf({ id }: SnapshotInfo, listed: readonly SnapshotInfo[]): SnapshotInfo[] {
  const index = listed.findIndex((each) => each.id === id);
  return [listed[index + 1], listed[index - 1]].filter((each) => each !== undefined);
}

/**
 * Which files of a snapshot were edited since it was saved, found with another snapshot of the instance: putting its
 * versions in place of what differs gives the digest that was saved. `proven` false: the file is one of these.
 */
function findEdited(
  expected: string,
  own: FileHashes,
  other: FileHashes,
): { readonly paths: string[]; readonly proven: boolean } {
  const differing = [...new Set([...own.keys(), ...other.keys()])]
    .filter((path) => own.get(path) !== other.get(path))
    .sort();
  const gives = (paths: readonly string[]): boolean => digestOf(mixed(own, other, paths)) === expected;
  if (gives(differing)) return { paths: differing, proven: true };
  const one = differing.slice(0, MAX_TRIES).find((path) => gives([path]));
  return one === undefined ? { paths: differing, proven: false } : { paths: [one], proven: true };
}

/** The files with these paths as the other snapshot has them. */
function mixed(own: FileHashes, other: FileHashes, paths: readonly string[]): ReturnType<typeof knownHashes> {
  const hashes = new Map(own);
  for (const path of paths) {
    const hash = other.get(path);
    if (hash == null) hashes.delete(path);
    else hashes.set(path, hash);
  }
  return knownHashes(hashes);
}

function shorten(paths: readonly string[]): string {
  const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : '';
  return `${paths.slice(0, MAX_NAMED).join(', ')}${more}`;
}
