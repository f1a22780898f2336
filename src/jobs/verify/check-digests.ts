import { digestParts } from '../../snapshot/collect/build-header.ts';
import type { SnapshotHeader } from '../../snapshot/header.ts';
import { partOf, type Part } from '../../snapshot/paths.ts';

/** SHA-256 by path; null for a file that was not read or could not be. */
export type FileHashes = ReadonlyMap<string, string | null>;

export interface DigestMismatch {
  readonly part: Part;
  /** The digest that flowkeep.json has; null where it does not know the part. */
  readonly expected: string | null;
  readonly problem: string;
}

/** Recomputes the digest of each part whose files were all read, and compares it with flowkeep.json. */
export function checkDigests(header: SnapshotHeader, hashes: FileHashes): DigestMismatch[] {
  const digests = digestParts(withoutNulls(hashes));
  const unread = new Set([...hashes].filter(([, hash]) => hash === null).map(([path]) => partOf(path)));
  const counts = countParts(hashes.keys());
  const found: DigestMismatch[] = [];
  for (const [part, expected] of expectedParts(header)) {
    const files = counts.get(part) ?? 0;
    counts.delete(part);
    const problem =
      files !== expected.files
        ? `flowkeep.json counts ${expected.files} files of ${part}, and there are ${files}`
        : `the files of ${part} are not those that flowkeep.json was written for`;
    const digest = digests.get(part)?.digest;
    const differs = files > 0 && !unread.has(part) && digest !== expected.digest;
    if (differs || files !== expected.files) found.push({ part, expected: expected.digest, problem });
  }
  for (const part of counts.keys()) {
    found.push({
      part,
      expected: null,
      problem: `there are files of ${part}, of which flowkeep.json says nothing`,
    });
  }
  return found;
}

function expectedParts(header: SnapshotHeader): [Part, { digest: string; files: number }][] {
  const kinds = Object.entries(header.kinds) as [Part, { digest: string; files: number }][];
  return [...kinds, ['workflow-state', header.workflowState]];
}

function countParts(paths: Iterable<string>): Map<Part, number> {
  const counts = new Map<Part, number>();
  for (const path of paths) {
    const part = partOf(path);
    if (part !== null) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return counts;
}

function withoutNulls(hashes: FileHashes): Map<string, { sha256: string }> {
  const known = new Map<string, { sha256: string }>();
  for (const [path, hash] of hashes) if (hash !== null) known.set(path, { sha256: hash });
  return known;
}

/** More files than this are not tried one by one: each try hashes the names of the whole part. */
const MAX_TRIES = 500;

/**
 * Which files of a part were edited since the snapshot was saved, told by another snapshot of the instance: putting its
 * versions in place of what differs gives the digest that flowkeep.json has. `proven` false: the file is one of these.
 */
export function findEdited(
  { part, expected }: DigestMismatch,
  hashes: FileHashes,
  other: FileHashes,
): { readonly paths: string[]; readonly proven: boolean } {
  const own = ofPart(hashes, part);
  const theirs = ofPart(other, part);
  const differing = [...new Set([...own.keys(), ...theirs.keys()])]
    .filter((path) => own.get(path) !== theirs.get(path))
    .sort();
  const gives = (paths: readonly string[]): boolean => digestWith(own, theirs, paths, part) === expected;
  if (gives(differing)) return { paths: differing, proven: true };
  const one = differing.slice(0, MAX_TRIES).find((path) => gives([path]));
  return one === undefined ? { paths: differing, proven: false } : { paths: [one], proven: true };
}

function ofPart(hashes: FileHashes, part: Part): Map<string, string | null> {
  return new Map([...hashes].filter(([path]) => partOf(path) === part));
}

/** The part's digest with these paths as the other snapshot has them. */
function digestWith(
  own: FileHashes,
  theirs: FileHashes,
  paths: readonly string[],
  part: Part,
): string | undefined {
  const mixed = new Map(own);
  for (const path of paths) {
    const hash = theirs.get(path);
    if (hash == null) mixed.delete(path);
    else mixed.set(path, hash);
  }
  return digestParts(withoutNulls(mixed)).get(part)?.digest;
}
