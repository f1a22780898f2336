import { createHash, type Hash } from 'node:crypto';

/** The SHA-256 of files, in hexadecimal, by path. */
export type Hashed = ReadonlyMap<string, { readonly sha256: string }>;

/**
 * Names the content of a snapshot: SHA-256, in hexadecimal, over one line for each file in path order, of the path, a
 * NUL byte, the file's SHA-256 and a line feed. It is kept beside the snapshot, not in it, so that an edit of one
 * item changes one file.
 */
export function digestOf(files: Hashed): string {
  const hash = createHash('sha256');
  for (const path of sortedPaths(files)) addLine(hash, files, path);
  return hash.digest('hex');
}

/** By UTF-16 code unit, as docs/snapshot-format.md says. */
export function sortedPaths(files: Hashed): string[] {
  return [...files.keys()].sort();
}

/** Adds the line of one of the files. */
export function addLine(hash: Hash, files: Hashed, path: string): void {
  hash.update(`${path}\0${files.get(path)!.sha256}\n`);
}
