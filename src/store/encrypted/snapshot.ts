import type { Authenticity } from '../authenticity.ts';
import { isStoreError, StoreError } from '../errors.ts';
import type { SnapshotInfo, StoredFile, StoredSnapshot } from '../store.ts';
import { damagedContent } from './errors.ts';
import { INDEX_PATH, decodeIndex, type FileIndex, type IndexEntry } from './file-index.ts';
import { FileReader } from './file-reader.ts';
import { KeptFile } from './kept-file.ts';
import type { EncryptedParts } from './parts.ts';
import { AGE, candidates, decodeNames, isNamesPath } from './stored-names.ts';

/** The index of a snapshot that may be encrypted; null where it is not. @throws StoreError `integrity` or `format` */
export async function readIndex(stored: StoredSnapshot, signal?: AbortSignal): Promise<FileIndex | null> {
  if (!stored.files.has(INDEX_PATH)) return null;
  return decodeIndex(await stored.read(INDEX_PATH, signal), `snapshot ${stored.info.id}`);
}

/** Opens an encrypted snapshot: to be read where an identity fits, else sealed. */
export async function openEncrypted(parts: EncryptedParts, signal?: AbortSignal): Promise<EncryptedSnapshot> {
  const reader = new FileReader(parts);
  if (parts.encryption.identities.isEmpty) return new EncryptedSnapshot(reader, null, reader.error());
  try {
    return new EncryptedSnapshot(reader, await readRealPaths(reader, signal), null);
  } catch (error) {
    if (!isStoreError(error, 'identity-wrong')) throw error;
    return new EncryptedSnapshot(reader, null, reader.error());
  }
}

/** The stored path by real path. */
async function readRealPaths(reader: FileReader, signal?: AbortSignal): Promise<Map<string, string>> {
  const { index, encryption } = reader.parts;
  const all = [...index.entries.keys()];
  const names = all.filter(isNamesPath);
  const real = new Map<string, string>();
  // Where no file has a name to hide, the first file tells whether the identity fits.
  const probe = names.length === 0 ? all.slice(0, 1) : names;
  for await (const [path, content] of reader.readMany(probe, signal)) {
    if (!isNamesPath(path)) continue;
    try {
      for (const [stored, name] of decodeNames(content, encryption.conceal)) real.set(stored, name);
    } catch (error) {
      throw damagedContent(reader.describe(path), error);
    }
  }
  reader.isOpen = probe.length > 0;
  const files = all.filter((path) => !isNamesPath(path));
  const storedByReal = new Map(files.map((stored) => [real.get(stored) ?? stored, stored]));
  // Two files under one name: one of them would be gone without a word.
  if (storedByReal.size < files.length) throw damagedContent(reader.describe(names[0] ?? INDEX_PATH));
  return storedByReal;
}

/** Why nothing of it may be built upon. Where nothing is encrypted any more, nothing is proven, and none is told. */
function doubtsOf({ verdict, encryption }: EncryptedParts): readonly string[] {
  const { authenticity } = verdict;
  return encryption.encryptor === null || authenticity.state === 'verified' ? [] : authenticity.reasons;
}

export class EncryptedSnapshot implements StoredSnapshot {
  readonly info: SnapshotInfo;
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly needsReencryption: boolean;
  readonly doubts: readonly string[];
  readonly sealed?: NonNullable<StoredSnapshot['sealed']>;
  readonly objectOf?: (path: string) => string | undefined;
  readonly #reader: FileReader;
  /** The stored path by real path; null: sealed. */
  readonly #storedByReal: ReadonlyMap<string, string> | null;

  constructor(reader: FileReader, storedByReal: ReadonlyMap<string, string> | null, error: StoreError | null) {
    const { stored, index, encryption } = reader.parts;
    this.#reader = reader;
    this.#storedByReal = storedByReal;
    this.info = stored.info;
    this.doubts = doubtsOf(reader.parts);
    this.needsReencryption = encryption.encryptor?.id !== index.seal || this.doubts.length > 0;
    this.files = this.#listFiles();
    if (stored.objectOf) {
      this.objectOf = (path) => {
        const place = this.#placeOf(path);
        // One that the index lists and the store lacks has none: reading it says so.
        return stored.files.has(place) ? stored.objectOf?.(place) : undefined;
      };
    }
    if (error === null) return;
    const storedHashes = [...index.entries].map(([path, entry]) => [`${path}${AGE}`, entry.sha256] as const);
    this.sealed = {
      error,
      stored,
      storedHashes: new Map(storedHashes),
      keep: (path) => new KeptFile(reader.parts, this.#entryPath(path), error),
    };
  }

  matches(path: string, content: Uint8Array): boolean {
    const { stored, encryption } = this.#reader.parts;
    const { encryptor } = encryption;
    if (this.needsReencryption || encryptor === null) return false;
    if (encryption.isReadable(path)) return stored.matches(path, content);
    const tag = encryptor.tag(content);
    return this.#entriesAt(path).some(
      ([storedPath, entry]) =>
        entry.seal === encryptor.id && entry.tag === tag && entry.size === content.length && this.#isWhole(storedPath),
    );
  }

  /** What its index proves, which is known: reading holds each file to the hash that the index has of it. */
  async authenticate(): Promise<Authenticity> {
    const { authenticity } = this.#reader.parts.verdict;
    if (authenticity.state === 'verified' || authenticity.files === undefined) return authenticity;
    const { reason, paths } = authenticity.files;
    const realByPlace = new Map<string, string>();
    for (const [path, storedPath] of this.#storedByReal ?? []) realByPlace.set(`${storedPath}${AGE}`, path);
    return { ...authenticity, files: { reason, paths: paths.map((place) => realByPlace.get(place) ?? place) } };
  }

  async read(path: string, signal?: AbortSignal): Promise<Uint8Array> {
    for await (const [, content] of this.readMany([path], signal)) return content;
    throw new StoreError('failed', `store ${this.#reader.parts.storeName} returned nothing for ${path}`);
  }

  async *readMany(
    paths: Iterable<string>,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly [path: string, content: Uint8Array]> {
    const { encryption } = this.#reader.parts;
    const wanted = [...paths];
    const readable = wanted.filter((path) => encryption.isReadable(path));
    const encrypted = wanted.filter((path) => !encryption.isReadable(path));
    const storedPaths = encrypted.map((path) => this.#entryPath(path));
    if (encrypted.length > 0 && this.sealed) throw this.sealed.error;
    yield* this.#reader.readOpen(readable, signal);
    const realPaths = new Map(storedPaths.map((path, index) => [path, encrypted[index]!]));
    for await (const [path, content] of this.#reader.readMany(storedPaths, signal))
      yield [realPaths.get(path)!, content];
  }

  #listFiles(): Map<string, StoredFile> {
    const { stored, index, encryption } = this.#reader.parts;
    const files: [string, StoredFile][] = [];
    for (const [path, { size }] of stored.files) if (encryption.isReadable(path)) files.push([path, { size }]);
    for (const [path, { size }] of index.entries)
      if (this.#storedByReal === null && !isNamesPath(path)) files.push([path, { size }]);
    for (const [path, storedPath] of this.#storedByReal ?? [])
      files.push([path, { size: index.entries.get(storedPath)?.size ?? 0 }]);
    return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The entries that a file with this path may have: without the names, another file may have taken its place. */
  #entriesAt(path: string): [string, IndexEntry][] {
    const { index, encryption } = this.#reader.parts;
    if (this.#storedByReal !== null) {
      const storedPath = this.#storedByReal.get(path);
      const entry = storedPath === undefined ? undefined : index.entries.get(storedPath);
      return entry && storedPath !== undefined ? [[storedPath, entry]] : [];
    }
    const found: [string, IndexEntry][] = [];
    let isFirst = true;
    for (const candidate of candidates(encryption.conceal(path))) {
      const entry = index.entries.get(candidate);
      if (entry) found.push([candidate, entry]);
      else if (!isFirst) break;
      isFirst = false;
    }
    return found;
  }

  #isWhole(storedPath: string): boolean {
    const { stored, damaged } = this.#reader.parts;
    if (damaged.size === 0) return true;
    const object = stored.objectOf?.(`${storedPath}${AGE}`);
    return object === undefined || !damaged.has(object);
  }

  /** The path of a file in the stored snapshot. */
  #placeOf(path: string): string {
    return this.#reader.parts.encryption.isReadable(path) ? path : `${this.#entryPath(path)}${AGE}`;
  }

  /** The path of a file's entry. @throws StoreError `not-found` */
  #entryPath(path: string): string {
    const storedPath = this.#storedByReal === null ? path : this.#storedByReal.get(path);
    if (storedPath !== undefined && this.files.has(path)) return storedPath;
    // By its real name: the caller may not know the stored one.
    const concealed = this.#storedByReal === null ? this.#reader.parts.encryption.conceal(path) : path;
    if (this.sealed && this.files.has(concealed)) throw this.sealed.error;
    throw new StoreError('not-found', `snapshot ${this.info.id} of ${this.info.instance} has no file ${path}`);
  }
}
