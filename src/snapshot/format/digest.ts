import { createHash, type Hash } from 'node:crypto';
import { addLine, sortedPaths, type Hashed } from '../../lib/hash.ts';
import { partOf, type Part } from './paths.ts';

/** The digest of each part of a snapshot that has any files: see `digestOf`. */
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
