// The contract of a store: where snapshots live. docs/adding-a-store.md explains it, and each driver (git, object
// stores, memory) passes the same suite, test/contract/store.suite.ts. A driver knows nothing of n8n: to it a snapshot
// is a map of path to bytes with a header. upkeep.ts has what only some stores can do.
//
// For every method: paths are relative to the instance's folder and use forward slashes (`workflows/a.b.json`); an
// abort of `signal` throws InterruptedError and leaves the store valid; network failures are retried inside the driver,
// and what is thrown is a StoreError (./errors.ts) with a remedy.

import type { Authenticity, FileHashes } from './authenticity.ts';
import type { StoreError } from './errors.ts';

/** Marks of a snapshot that listings and retention look at. */
export type SnapshotFlag =
  /** Some kind was `failed`: it is carried over or missing. */
  | 'partial'
  /** Some kind lost over half of its items since the snapshot before. */
  | 'shrunk'
  /** Taken before a restore or a pull. */
  | 'safety'
  /** Nearly everything of the last regular snapshot is gone, and nobody has said yet that this is right. */
  | 'unconfirmed'
  /** Somebody said that it is right, although most was lost or the server is another one. */
  | 'confirmed';

/** `SnapshotInfo.format` where the store could not read what the snapshot says of itself. */
export const UNREADABLE_FORMAT = 0;

/** What a listing says of a snapshot, without opening it. */
export interface SnapshotInfo {
  /** `20261123T015442Z-3f9a1c2b`: UTC time taken, and the start of the content's hash. Unique in a store. */
  readonly id: string;
  readonly instance: string;
  /** ISO 8601 in UTC, whole seconds; agrees with the id. */
  readonly takenAt: string;
  /** The snapshot format's version (docs/snapshot-format.md), or UNREADABLE_FORMAT. */
  readonly format: number;
  /** null if the instance did not say. */
  readonly n8nVersion: string | null;
  /** One line that says what changed, for people: "prod: 2 workflows changed". */
  readonly subject: string;
  readonly flags: readonly SnapshotFlag[];
  /** What the files were when they were saved: `digestOf` of lib/hash.ts. null if it has none. */
  readonly digest: string | null;
}

/** One file of a snapshot that is about to be saved. Reading it twice gives the same bytes. */
export interface DraftFile {
  readonly size: number;
  /** Lower-case hexadecimal SHA-256 of the bytes. */
  readonly sha256: string;
  /**
   * The object of this store that is known to hold these bytes, as `StoredSnapshot.objectOf` names it: a driver that
   * still has it need not read the file.
   */
  readonly object?: string | undefined;
  read(): Promise<Uint8Array>;
}

export interface SnapshotDraft {
  readonly info: SnapshotInfo;
  /** Lines below the subject, for people; may be empty. */
  readonly body: string;
  /** Every file of the snapshot, in path order: the store works out which are new to it. */
  readonly files: ReadonlyMap<string, DraftFile>;
}

export interface SaveResult {
  readonly info: SnapshotInfo;
  /** Files that were new to the store, and their bytes before compression. */
  readonly filesWritten: number;
  readonly bytesWritten: number;
  /** Things that the user should know although the snapshot is safe, such as a work tree that was left alone. */
  readonly warnings: readonly string[];
  /**
   * Where the snapshot is safe in one place of the store and could not be brought to the other (git with `path` and
   * `remote`): why, and what to do. The next save, or the next look at the store, makes up for it.
   */
  readonly owed?: StoreError;
}

export interface StoredFile {
  /** Bytes, uncompressed. */
  readonly size: number;
}

/** A saved snapshot, opened for reading. Immutable. */
export interface StoredSnapshot {
  readonly info: SnapshotInfo;
  /** Every file, in path order. */
  readonly files: ReadonlyMap<string, StoredFile>;
  /**
   * Whether the file at `path` has exactly these bytes, known from its hash without reading it. False if there is none.
   */
  matches(path: string, content: Uint8Array): boolean;
  /**
   * True where the store's settings now ask for another form (encrypted or not, for other recipients): then nothing
   * `matches`, and the next snapshot is saved whole.
   */
  readonly needsReencryption?: boolean;
  /**
   * Only in an encrypted store: why this snapshot is not taken for what flowkeep saved, in the words of `authenticate`,
   * as far as that is known without reading files. Empty or absent where it is. A backup builds upon nothing of such a
   * snapshot: nothing `matches`, and nothing of it is carried over.
   */
  readonly doubts?: readonly string[];
  /**
   * Only of `latest`, where people read the store's files without flowkeep: what stands there in place of this
   * snapshot, in a sentence. The snapshot itself is whole; the next save puts things right.
   */
  readonly displaced?: string;
  /** Only of `latest`: as SaveResult.owed, of what was saved before; or that the other place could not be asked. */
  readonly owed?: StoreError;
  /** Only of an encrypted snapshot that none of the identities opens: then `files` has ids in place of names. */
  readonly sealed?: SealedContent;
  /**
   * In a store whose snapshots share stored bytes: the name of the object that holds this file's, or undefined where it
   * has none of its own. A caller that reads many snapshots need not read an object twice. A name is what `Repairs` takes.
   * @throws StoreError `not-found`
   */
  objectOf?(path: string): string | undefined;
  /** The SHA-256 of a file, where the store knows it without reading the file: `read` gives these bytes or throws. */
  hashOf?(path: string): string | undefined;
  /** The same for the id that git gives a file (`git hash-object`, SHA-1). */
  gitBlobOf?(path: string): string | undefined;
  /**
   * Whether this is what flowkeep saved: asked before its content is shown, planned with or written out. Everybody who
   * can write to a store can write a snapshot that is valid in itself, so `verified` says that nobody edited it in
   * place, and in an encrypted store more (docs/encryption.md). May read every file.
   * @param hashes what the caller found when it read the files: then nothing is read again. Where some of them are
   * null, what depends on all of the content is left out of the answer
   * @throws StoreError `integrity` where a file cannot be read
   */
  authenticate(signal?: AbortSignal, hashes?: FileHashes): Promise<Authenticity>;
  /**
   * The bytes of one file, checked against their hash.
   * @throws StoreError `not-found` where the snapshot has no such file; `integrity` where the stored bytes are damaged
   */
  read(path: string, signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * Many files in one go, in any order, each checked as by `read`: far fewer processes or round trips than as many
   * calls of `read`. A path that is not in the snapshot throws `not-found` before anything is given.
   */
  readMany(paths: Iterable<string>, signal?: AbortSignal): AsyncIterable<readonly [path: string, content: Uint8Array]>;
}

/** What can be done with an encrypted snapshot without the identity. */
export interface SealedContent {
  /** Why it cannot be read: `identity-missing` or `identity-wrong`. `read` and `readMany` throw the like. */
  readonly error: StoreError;
  /** A file for a draft of this very store, which takes it over as it is stored. Reading it throws. */
  keep(path: string): DraftFile;
  /** The snapshot as it is stored, and the SHA-256 that each of its encrypted files is listed with. */
  readonly stored: StoredSnapshot;
  readonly storedHashes: ReadonlyMap<string, string>;
}

/** A small file beside the snapshots (the id mapping of restores, a lock), with compare-and-swap. */
export interface StoredDocument {
  readonly content: Uint8Array;
  /** Opaque; names this very content. */
  readonly version: string;
  /** Only in an encrypted store: why it is not taken for what flowkeep wrote. Nothing is then done by what it says. */
  readonly doubt?: string;
}

export interface Store {
  /** The store's name in the config. */
  readonly name: string;
  /** For messages: where it is, without a secret. */
  readonly location: string;
  /**
   * `policy`: old snapshots can be removed one by one. `history`: they are the history itself (git), `remove` throws
   * StoreError `unsupported`.
   */
  readonly retention: 'policy' | 'history';
  /**
   * True where content is encrypted: then what is readable (id, digest, subject, body) must show nothing of it but
   * counts.
   */
  readonly conceals?: boolean;
  /** Only of an encrypted store: who else could write what it takes for flowkeep's own; for `check` and `verify`. */
  readonly weakness?: string;

  /**
   * Whether the store can be reached and written to: what can be made and removed again is tried, and nothing is left.
   * @throws StoreError with a remedy
   */
  check(signal?: AbortSignal): Promise<void>;

  /**
   * Snapshots, newest first; those of one instance, or all. An empty or not yet created store gives none. The newest is
   * the one that was saved last: the store tells what came after what, whatever times the snapshots claim.
   */
  list(instance?: string, signal?: AbortSignal): Promise<SnapshotInfo[]>;

  /**
   * The same for what decides which snapshots go: what each says of itself, and nothing that an index of the store
   * says of it. Only of stores whose `list` uses one.
   */
  listForRemoval?(instance: string, signal?: AbortSignal): Promise<SnapshotInfo[]>;

  /**
   * What shows that there were snapshots of an instance, asked where none is listed: a sentence for people without its
   * subject ("has no manifest and still has objects"): the location is put in front; null where nothing does. What was
   * there and is gone is damage, and no empty store.
   */
  traces?(instance: string, signal?: AbortSignal): Promise<string | null>;

  /** The newest snapshot of an instance, as `list` has it, opened, or null. Cheaper than list and open. */
  latest(instance: string, signal?: AbortSignal): Promise<StoredSnapshot | null>;

  /** @throws StoreError `not-found` */
  open(instance: string, id: string, signal?: AbortSignal): Promise<StoredSnapshot>;

  /**
   * Saves a snapshot: all of it becomes visible at once, or nothing does, whatever crashes when. Creates the store on
   * first use. A second writer at the same moment loses nothing: both snapshots are listed afterwards.
   * Saving an id that is already there with the same content succeeds and writes nothing.
   */
  save(draft: SnapshotDraft, signal?: AbortSignal): Promise<SaveResult>;

  /** Removes a snapshot from the listing. Removing what is not there succeeds. Idempotent. */
  remove(instance: string, id: string, signal?: AbortSignal): Promise<void>;

  /** A document by name (`prod/identity.json`), or null. */
  readDocument(name: string, signal?: AbortSignal): Promise<StoredDocument | null>;

  /**
   * Writes a document if it still is what `expected` names (null: if there is none), and returns its new version.
   * @throws StoreError `conflict` where another writer was first: read again and decide again
   */
  writeDocument(name: string, content: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string>;

  /**
   * Removes a document if it still is what `expected` names. Already gone counts as done. @throws StoreError
   * `conflict`
   */
  removeDocument(name: string, expected: string, signal?: AbortSignal): Promise<void>;

  /** Ends connections and removes temporary files. The store is not used afterwards. */
  [Symbol.asyncDispose](): Promise<void>;
}
