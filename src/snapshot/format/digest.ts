import { createHash, type Hash } from 'node:crypto';
import { compareText } from '../../kinds/fields.ts';
import { partOf, type Part } from './paths.ts';

type Hashed = ReadonlyMap<string, { readonly sha256: string }>;

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

/** The same over the files of each part that has any. */
export function digestParts(files: Hashed): ReadonlyMap<Part, string> {
  const hashes = new Map<Part, Hash>();
  for (const path of sortedPaths(files)) {
    const part = partOf(path);
    if (!part) continue;
    const hash = hashes.get(part) ?? createHash('sha256');
    hashes.set(part, hash);
    addLine(hash, files, path);
  }
  return new Map([...hashes].map(([part, hash]) => [part, hash.digest('hex')]));
}

function sortedPaths(files: Hashed): string[] {
  return [...files.keys()].sort(compareText);
}

function addLine(hash: Hash, files: Hashed, path: string): void {
  hash.update(`${path}\0${files.get(path)!.sha256}\n`);
}
