import { throwIfAborted } from '../../lib/errors.ts';
import { memoryFile, type Spool } from '../../lib/spool.ts';
import { blobId } from '../blob-id.ts';
import { readDraftFile } from '../draft-file.ts';
import { StoreError } from '../errors.ts';
import type { DraftFile, SnapshotDraft } from '../store.ts';
import { encodeIndex, INDEX_PATH, type IndexEntry, type StoredBytes } from './file-index.ts';
import { KeptFile } from './kept-file.ts';
import type { EncryptedParts, Encryption } from './parts.ts';
import type { Encryptor } from './encryptor.ts';
import { signedInfo } from './signed-info.ts';
import { AGE, encodeNames, isNamesPath, namesPath, storedPaths, topFolder } from './stored-names.ts';

export interface EncryptedDraft {
  /** What the store underneath saves. */
  readonly draft: SnapshotDraft;
  /** Files that were encrypted or are readable and new, and their bytes before encryption. */
  readonly filesWritten: number;
  readonly bytesWritten: number;
}

/** A file as it is about to be stored. */
interface StoredEntry {
  readonly entry: IndexEntry;
  readonly file: DraftFile;
}

export interface EncryptionTarget {
  readonly encryption: Encryption;
  readonly encryptor: Encryptor;
  /** The newest snapshot of the instance; null if there is none that can be used. Of a foreign one nothing is. */
  readonly before: EncryptedParts | null;
  readonly spool: Spool;
}

/**
 * Turns a draft into what is stored of it. What the snapshot before holds by the same encryptor is taken over as it is
 * stored there: age's output differs each time, and what is unchanged must stay unchanged. The rest is encrypted into
 * the spool, one file after another.
 */
export async function encryptDraft(
  target: EncryptionTarget,
  draft: SnapshotDraft,
  signal?: AbortSignal,
): Promise<EncryptedDraft> {
  const { encryption } = target;
  const writer = new DraftWriter(target);
  const files = new Map<string, DraftFile>();
  const isKept = (file: DraftFile): file is KeptFile =>
    // One of another store is read like any file, which fails: this store must not get its ciphertext.
    file instanceof KeptFile && file.origin.encryption === encryption;
  const hidden = [...draft.files].filter(([path, file]) => !encryption.isReadable(path) && !isKept(file));
  const places = storedPaths(
    hidden.map(([path]) => path),
    encryption.conceal,
  );
  for (const [path, file] of draft.files) {
    throwIfAborted(signal);
    const place = places.get(path);
    if (isKept(file)) writer.keep(file);
    else if (place !== undefined) await writer.add(place, path, file);
    else files.set(path, await writer.countReadable(path, file));
  }
  await writer.addNames(places);
  for (const [path, { file }] of writer.entries) files.set(`${path}${AGE}`, file);
  files.set(INDEX_PATH, memoryFile(writer.encodeIndex(draft)));
  const sorted = new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  const { filesWritten, bytesWritten } = writer;
  return { draft: { ...draft, files: sorted }, filesWritten, bytesWritten };
}

class DraftWriter {
  readonly entries = new Map<string, StoredEntry>();
  readonly #open = new Map<string, StoredBytes>();
  filesWritten = 0;
  bytesWritten = 0;
  readonly #target: EncryptionTarget;
  /** What can be taken over, by tag. */
  readonly #known: Map<string, StoredEntry>;
  /** The snapshots that files were kept from, by top folder. */
  readonly #kept = new Map<string, EncryptedParts>();

  constructor(target: EncryptionTarget) {
    this.#target = target;
    this.#known = reusable(target.encryptor, target.before);
  }

  async countReadable(path: string, file: DraftFile): Promise<DraftFile> {
    const content = await readDraftFile(path, file);
    this.#open.set(path, { sha256: file.sha256, blob: blobId(content) });
    if (!this.#target.before?.stored.matches(path, content)) this.#count(file);
    return file;
  }

  async add(place: string, path: string, file: DraftFile): Promise<void> {
    if (isNamesPath(place)) throw new StoreError('format', `${path} is reserved for encryption`);
    if (await this.#addContent(place, await readDraftFile(path, file))) this.#count(file);
  }

  /** Takes over, at its path, a file that this run cannot decrypt. */
  keep({ path, origin }: KeptFile): void {
    // The index that is written says of every file that flowkeep saved it.
    if (origin.verdict.authenticity.state !== 'verified') throw new TypeError(`${path} was kept, and is not proven`);
    this.#kept.set(topFolder(path), origin);
    this.entries.set(path, takenOver(origin, path));
  }

  /** Adds for each top folder the real paths of its files, as far as they differ. */
  async addNames(places: ReadonlyMap<string, string>): Promise<void> {
    const byFolder = new Map<string, Map<string, string>>();
    for (const [path, place] of places) {
      if (path === place) continue;
      const folder = topFolder(path);
      byFolder.set(folder, (byFolder.get(folder) ?? new Map<string, string>()).set(place, path));
    }
    for (const [folder, names] of byFolder) {
      if (this.#kept.has(folder)) throw new TypeError(`${folder} was only partly kept`);
      await this.#addContent(namesPath(folder), encodeNames(names));
    }
    for (const [folder, origin] of this.#kept) {
      const path = namesPath(folder);
      if (origin.index.entries.has(path)) this.entries.set(path, takenOver(origin, path));
    }
  }

  encodeIndex({ info }: SnapshotDraft): Uint8Array {
    const { encryptor } = this.#target;
    const entries = [...this.entries].map(([path, { entry }]) => [path, entry] as const);
    const content = {
      seal: encryptor.id,
      snapshot: signedInfo(info),
      open: this.#open,
      entries: new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1))),
    };
    return encodeIndex(content, (text) => encryptor.code('index', text));
  }

  /** @returns whether it was encrypted now */
  async #addContent(place: string, content: Uint8Array): Promise<boolean> {
    const { encryptor, spool } = this.#target;
    const tag = encryptor.tag(content);
    const known = this.#known.get(tag);
    if (known?.entry.size === content.length) {
      this.entries.set(place, known);
      return false;
    }
    const encrypted = await encryptor.encrypt(content);
    const file = spool.write(place, encrypted);
    const blob = blobId(encrypted);
    const entry = { size: content.length, tag, sha256: file.sha256, blob, seal: encryptor.id };
    this.entries.set(place, { entry, file });
    this.#known.set(tag, { entry, file });
    return true;
  }

  #count({ size }: DraftFile): void {
    this.filesWritten += 1;
    this.bytesWritten += size;
  }
}

function reusable(encryptor: Encryptor, before: EncryptedParts | null): Map<string, StoredEntry> {
  const known = new Map<string, StoredEntry>();
  if (!before?.verdict.isIndexGenuine) return known;
  for (const [path, entry] of before.index.entries) {
    const place = `${path}${AGE}`;
    if (entry.seal !== encryptor.id || !before.stored.files.has(place) || before.verdict.broken.has(place)) continue;
    const taken = takenOver(before, path);
    if (taken.file.object === undefined || !before.damaged.has(taken.file.object)) known.set(entry.tag, taken);
  }
  return known;
}

/** A file as a stored snapshot of this store has it. */
function takenOver({ stored, index }: EncryptedParts, path: string): StoredEntry {
  const place = `${path}${AGE}`;
  const entry = index.entries.get(path)!;
  const size = stored.files.get(place)?.size ?? 0;
  const object = stored.objectOf?.(place);
  return { entry, file: { size, sha256: entry.sha256, object, read: () => stored.read(place) } };
}
