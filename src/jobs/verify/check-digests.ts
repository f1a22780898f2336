import { digestOf } from '../../snapshot/format/digest.ts';

/** SHA-256 by path; null for a file that was not read or could not be. */
export type FileHashes = ReadonlyMap<string, string | null>;

/** More files than this are not tried one by one: each try hashes the names of the whole snapshot. */
const MAX_TRIES = 500;

/** Whether files that were all read are those that the digest was made of. True where some were not read. */
export function hasDigest(hashes: FileHashes, expected: string): boolean {
  const unread = [...hashes.values()].includes(null);
  return unread || digestOf(known(hashes)) === expected;
}

function known(hashes: FileHashes): Map<string, { sha256: string }> {
  const files = new Map<string, { sha256: string }>();
  for (const [path, hash] of hashes) if (hash !== null) files.set(path, { sha256: hash });
  return files;
}

/**
 * Which files of a snapshot were edited since it was saved, found with another snapshot of the instance: putting its
 * versions in place of what differs gives the digest that was saved. `proven` false: the file is one of these.
 */
export function findEdited(
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
function mixed(own: FileHashes, other: FileHashes, paths: readonly string[]): Map<string, { sha256: string }> {
  const hashes = new Map(own);
  for (const path of paths) {
    const hash = other.get(path);
    if (hash == null) hashes.delete(path);
    else hashes.set(path, hash);
  }
  return known(hashes);
}
