// Encryption as a store around any other store. It knows paths and bytes, no format and no driver.

import { throwIfAborted } from '../../lib/errors.ts';
import { isStoreError, StoreError } from '../errors.ts';
import type {
  DraftFile,
  SaveResult,
  SnapshotDraft,
  SnapshotInfo,
  Store,
  StoredDocument,
  StoredSnapshot,
} from '../store.ts';
import {
  collectsGarbage,
  repairs,
  type CollectsGarbage,
  type GarbageOptions,
  type GarbageReport,
  type Repairs,
} from '../upkeep.ts';
import { addCode, checkCode } from './documents.ts';
import { judge } from './judge.ts';
import { KeptFile } from './kept-file.ts';
import type { EncryptedParts, Encryption } from './parts.ts';
import { openEncrypted, readIndex } from './snapshot.ts';
import { encryptDraft } from './write-draft.ts';

/**
 * A store that encrypts what it saves in any other store, and reads what is encrypted there. Without an encryptor it
 * saves as the other does, and still tells an encrypted snapshot from a plain one. docs/encryption.md says what stays
 * visible.
 */
export function createEncryptedStore(inner: Store, encryption: Encryption): Store {
  if (!repairs(inner)) return new EncryptedStore(inner, encryption);
  return collectsGarbage(inner) ? new EncryptedBucket(inner, encryption) : new RepairingStore(inner, encryption);
}

const NONE: ReadonlySet<string> = new Set();

class EncryptedStore<Inner extends Store = Store> implements Store {
  readonly name: string;
  readonly location: string;
  readonly retention: Store['retention'];
  readonly conceals: boolean;
  readonly weakness?: string;
  protected readonly inner: Inner;
  readonly #encryption: Encryption;

  constructor(inner: Inner, encryption: Encryption) {
    this.inner = inner;
    this.#encryption = encryption;
    this.name = inner.name;
    this.location = inner.location;
    this.retention = inner.retention;
    this.conceals = encryption.encryptor !== null;
    const weakness = weaknessOf(encryption);
    if (weakness !== '') this.weakness = weakness;
  }

  check(signal?: AbortSignal): Promise<void> {
    return this.inner.check(signal);
  }

  list(instance?: string, signal?: AbortSignal): Promise<SnapshotInfo[]> {
    return this.inner.list(instance, signal);
  }

  listForRemoval(instance: string, signal?: AbortSignal): Promise<SnapshotInfo[]> {
    return this.inner.listForRemoval?.(instance, signal) ?? this.inner.list(instance, signal);
  }

  async traces(instance: string, signal?: AbortSignal): Promise<string | null> {
    return (await this.inner.traces?.(instance, signal)) ?? null;
  }

  async latest(instance: string, signal?: AbortSignal): Promise<StoredSnapshot | null> {
    const stored = await this.inner.latest(instance, signal);
    if (stored === null) return null;
    const opened = await this.#wrap(stored, await this.#damaged(signal), signal);
    const { displaced, owed } = stored;
    return Object.assign(opened, displaced === undefined ? {} : { displaced }, owed === undefined ? {} : { owed });
  }

  async open(instance: string, id: string, signal?: AbortSignal): Promise<StoredSnapshot> {
    return this.#wrap(await this.inner.open(instance, id, signal), NONE, signal);
  }

  async save(draft: SnapshotDraft, signal?: AbortSignal): Promise<SaveResult> {
    throwIfAborted(signal);
    const { encryptor, openSpool } = this.#encryption;
    if (encryptor === null) return this.inner.save(withoutKept(draft), signal);
    const newest = await unlessDamaged(this.inner.latest(draft.info.instance, signal));
    const owed = newest?.owed === undefined ? {} : { owed: newest.owed };
    if (newest && (await this.#holds(draft, newest, signal)))
      return { info: draft.info, filesWritten: 0, bytesWritten: 0, warnings: [], ...owed };
    using spool = openSpool();
    const damaged = await this.#damaged(signal);
    const before = newest && (await unlessDamaged(this.#partsOf(newest, damaged, signal)));
    const target = { encryption: this.#encryption, encryptor, before, spool };
    const { draft: encrypted, ...counts } = await encryptDraft(target, draft, signal);
    return { ...(await this.inner.save(encrypted, signal)), ...counts };
  }

  remove(instance: string, id: string, signal?: AbortSignal): Promise<void> {
    return this.inner.remove(instance, id, signal);
  }

  async readDocument(name: string, signal?: AbortSignal): Promise<StoredDocument | null> {
    const document = await this.inner.readDocument(name, signal);
    return document && checkCode(this.#encryption, name, document);
  }

  writeDocument(name: string, content: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string> {
    const { encryptor } = this.#encryption;
    const written = encryptor === null ? content : addCode(encryptor, name, content);
    return this.inner.writeDocument(name, written, expected, signal);
  }

  removeDocument(name: string, expected: string, signal?: AbortSignal): Promise<void> {
    return this.inner.removeDocument(name, expected, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.inner[Symbol.asyncDispose]();
  }

  async #wrap(stored: StoredSnapshot, damaged: ReadonlySet<string>, signal?: AbortSignal): Promise<StoredSnapshot> {
    const parts = await this.#partsOf(stored, damaged, signal);
    if (parts) return openEncrypted(parts, signal);
    return this.conceals ? inOtherForm(stored) : stored;
  }

  /** null: it is not encrypted. */
  async #partsOf(
    stored: StoredSnapshot,
    damaged: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<EncryptedParts | null> {
    const index = await readIndex(stored, signal);
    if (index === null) return null;
    const verdict = await judge(stored, index, this.#encryption, signal);
    return { stored, index, verdict, encryption: this.#encryption, storeName: this.name, damaged };
  }

  async #damaged(signal?: AbortSignal): Promise<ReadonlySet<string>> {
    if (!this.conceals || !repairs(this.inner)) return NONE;
    return new Set(await this.inner.repairNeeded(signal));
  }

  /** Whether this very snapshot is there already. @throws StoreError `conflict` where its id is, with other files */
  async #holds(draft: SnapshotDraft, newest: StoredSnapshot, signal?: AbortSignal): Promise<boolean> {
    const { id, instance } = draft.info;
    // Ids sort by time: one that sorts behind the newest cannot be there yet.
    if (newest.info.id < id) return false;
    const existing = await this.open(instance, id, signal).catch((error: unknown) => {
      if (isStoreError(error, 'not-found')) return null;
      throw error;
    });
    if (existing === null) return false;
    let same = existing.files.size === draft.files.size;
    for (const [path, file] of draft.files) same &&= existing.matches(path, await file.read());
    if (same) return true;
    throw new StoreError('conflict', `snapshot ${id} of ${instance} exists with other content`, {
      remedy: 'Snapshots are immutable: run the backup again, for a new id.',
    });
  }
}

const PUBLIC_KEYS_ALONE =
  "authenticated by the recipients' public keys alone: set encrypt.digestKey, so that knowing them all is not enough " +
  'to forge a snapshot';
const PREVIOUS_PUBLIC_KEYS =
  'authenticated by the public keys of encrypt.previous too, and anyone who knows them all can forge a snapshot: ' +
  'remove encrypt.previous once you need no older snapshot';

/** Which keys of the configuration are public, for people. Empty: none is. */
function weaknessOf({ encryptor, previous }: Encryption): string {
  const notes = [
    ...(encryptor?.isPublic ? [PUBLIC_KEYS_ALONE] : []),
    ...(previous.some(({ isPublic }) => isPublic) ? [PREVIOUS_PUBLIC_KEYS] : []),
  ];
  return notes.join('; ');
}

/** The same for a store that can repair. */
class RepairingStore<Inner extends Store & Repairs> extends EncryptedStore<Inner> implements Repairs {
  markDamaged(objects: Iterable<string>, signal?: AbortSignal): Promise<void> {
    return this.inner.markDamaged(objects, signal);
  }

  repairNeeded(signal?: AbortSignal): Promise<string[]> {
    return this.inner.repairNeeded(signal);
  }

  /**
   * Ciphertext cannot be made again: what is damaged matches nothing, so that the next snapshot stores it again. The
   * store itself may have another copy of it.
   */
  async repair(files: ReadonlyMap<string, DraftFile>, signal?: AbortSignal): Promise<string[]> {
    return this.inner.repair(this.conceals ? new Map() : files, signal);
  }
}

/** The same for a store that can also collect garbage. */
class EncryptedBucket extends RepairingStore<Store & CollectsGarbage & Repairs> implements CollectsGarbage {
  collectGarbage(options?: GarbageOptions): Promise<GarbageReport> {
    return this.inner.collectGarbage(options);
  }
}

/** null if the snapshot before is damaged: then everything is encrypted again. */
async function unlessDamaged<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!isStoreError(error, 'integrity')) throw error;
    return null;
  }
}

const NOT_ENCRYPTED =
  'it is not encrypted, as everything is that flowkeep saves with these settings, and anybody can have written it';

/** A plain snapshot in a store that encrypts now. */
function inOtherForm(stored: StoredSnapshot): StoredSnapshot {
  return {
    info: stored.info,
    files: stored.files,
    needsReencryption: true,
    matches: () => false,
    doubts: [NOT_ENCRYPTED],
    authenticate: async () => ({ state: 'unauthenticated', reasons: [NOT_ENCRYPTED] }),
    read: (path, signal) => stored.read(path, signal),
    readMany: (paths, signal) => stored.readMany(paths, signal),
    ...(stored.hashOf ? { hashOf: (path: string) => stored.hashOf?.(path) } : {}),
    ...(stored.objectOf ? { objectOf: (path: string) => stored.objectOf?.(path) } : {}),
  };
}

/** A store that is not encrypted must get no ciphertext. @throws StoreError `identity-missing` or `identity-wrong` */
function withoutKept(draft: SnapshotDraft): SnapshotDraft {
  for (const file of draft.files.values()) if (file instanceof KeptFile) throw file.error;
  return draft;
}
