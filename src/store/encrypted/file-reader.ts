import { sha256 } from '../../lib/hash.ts';
import { StoreError } from '../errors.ts';
import { damagedContent, identityMissing, identityWrong } from './errors.ts';
import { INDEX_PATH } from './file-index.ts';
import { NoMatchingIdentity } from './identities.ts';
import type { EncryptedParts } from './parts.ts';
import { AGE } from './stored-names.ts';

/** Reads encrypted files by their stored paths. */
export class FileReader {
  readonly parts: EncryptedParts;
  /** Whether an identity opened files of this snapshot: another file under the same seal is then for it, too. */
  isOpen = false;

  constructor(parts: EncryptedParts) {
    this.parts = parts;
  }

  async *readMany(
    paths: readonly string[],
    signal?: AbortSignal,
  ): AsyncGenerator<readonly [path: string, content: Uint8Array]> {
    const wanted = paths.map((path) => `${path}${AGE}`);
    for (const path of wanted) if (!this.parts.stored.files.has(path)) throw this.#lost(path);
    for await (const [path, bytes] of this.parts.stored.readMany(wanted, signal)) {
      const own = path.slice(0, -AGE.length);
      yield [own, await this.#open(own, bytes)];
    }
  }

  /** Files that are stored in the open. */
  async *readOpen(
    paths: readonly string[],
    signal?: AbortSignal,
  ): AsyncGenerator<readonly [path: string, content: Uint8Array]> {
    for await (const [path, content] of this.parts.stored.readMany(paths, signal)) {
      const listed = this.parts.index.open.get(path);
      // An index of version 1 lists none; what is said of such a snapshot is that nothing proves it.
      if (listed !== undefined && sha256(content) !== listed.sha256) throw damagedContent(this.describe(path));
      yield [path, content];
    }
  }

  async #open(path: string, bytes: Uint8Array): Promise<Uint8Array> {
    const entry = this.parts.index.entries.get(path);
    if (entry === undefined || sha256(bytes) !== entry.sha256) throw damagedContent(this.describe(path));
    const content = await this.#decrypt(path, bytes);
    const { encryptor } = this.parts.encryption;
    const isSame =
      content.length === entry.size && (entry.seal !== encryptor?.id || encryptor.tag(content) === entry.tag);
    if (!isSame) throw damagedContent(this.describe(path));
    return content;
  }

  async #decrypt(path: string, bytes: Uint8Array): Promise<Uint8Array> {
    const { identities } = this.parts.encryption;
    if (identities.isEmpty) throw identityMissing(this.describe(path));
    try {
      return await identities.decrypt(bytes);
    } catch (error) {
      const isForOthers = !this.isOpen || this.parts.index.entries.get(path)?.seal !== this.parts.index.seal;
      throw error instanceof NoMatchingIdentity && isForOthers
        ? identityWrong(this.describe(path))
        : damagedContent(this.describe(path), error);
    }
  }

  /** Why the snapshot cannot be read. */
  error(): StoreError {
    const { stored, encryption } = this.parts;
    const what = `snapshot ${stored.info.id} of ${stored.info.instance} in store ${this.parts.storeName}`;
    return encryption.identities.isEmpty ? identityMissing(what) : identityWrong(what);
  }

  describe(path: string): string {
    const { stored, storeName } = this.parts;
    return `${stored.info.instance}/${path} of snapshot ${stored.info.id} in store ${storeName}`;
  }

  #lost(path: string): StoreError {
    return new StoreError('integrity', `${this.describe(path)} is listed in ${INDEX_PATH}, but missing`);
  }
}
