import { digestOf, sha256 } from '../lib/hash.ts';

/** Whether a stored snapshot is what flowkeep saved, as far as its store can tell. */
export type Authenticity =
  | { readonly state: 'verified' }
  | {
      /**
       * `altered`: it is not what was saved. `unauthenticated`: nothing says that flowkeep saved it; it may be whole.
       */
      readonly state: 'altered' | 'unauthenticated';
      /** At least one, for people: half a sentence about "it", such as `its files are not those that were saved`. */
      readonly reasons: readonly string[];
      /** The reason that is about single files, where there is one, and their paths: verify tells of each file. */
      readonly files?: { readonly reason: string; readonly paths: readonly string[] };
    };

/** SHA-256 by path; null for a file that was not read or could not be. */
export type FileHashes = ReadonlyMap<string, string | null>;

/**
 * Compares the files of a snapshot with the digest that is kept beside it. Where some of them were not read, only a
 * digest that is missing is noticed.
 */
export function judgeDigest({ digest }: { readonly digest: string | null }, hashes: FileHashes): Authenticity {
  if (digest === null)
    return { state: 'unauthenticated', reasons: ['it has no digest, and flowkeep saves none without'] };
  if (mayBeDigestOf(digest, hashes)) return { state: 'verified' };
  return { state: 'altered', reasons: ['its files are not those that were saved'] };
}

/** Whether this is the digest of these files. Where some of them were not read, it may be. */
export function mayBeDigestOf(digest: string, hashes: FileHashes): boolean {
  return [...hashes.values()].includes(null) || digestOf(knownHashes(hashes)) === digest;
}

/** Files of which the hash is known, as the digest takes them. */
export function knownHashes(hashes: FileHashes): Map<string, { readonly sha256: string }> {
  const known = new Map<string, { sha256: string }>();
  for (const [path, hash] of hashes) if (hash !== null) known.set(path, { sha256: hash });
  return known;
}

/** Of a StoredSnapshot, what hashing takes. */
interface ReadableFiles {
  readonly files: ReadonlyMap<string, unknown>;
  hashOf?(path: string): string | undefined;
  readMany(paths: Iterable<string>, signal?: AbortSignal): AsyncIterable<readonly [path: string, content: Uint8Array]>;
}

/** The hash of each file of a snapshot. Only what the store does not know the hash of is read. @throws StoreError */
export async function hashFiles(snapshot: ReadableFiles, signal?: AbortSignal): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const path of snapshot.files.keys()) {
    const hash = snapshot.hashOf?.(path);
    if (hash !== undefined) hashes.set(path, hash);
  }
  const unknown = [...snapshot.files.keys()].filter((path) => !hashes.has(path));
  for await (const [path, content] of snapshot.readMany(unknown, signal)) hashes.set(path, sha256(content));
  return hashes;
}
