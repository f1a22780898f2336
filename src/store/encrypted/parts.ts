import type { OpenSpool } from '../../lib/spool.ts';
import type { StoredSnapshot } from '../store.ts';
import type { FileIndex } from './file-index.ts';
import type { Identities } from './identities.ts';
import type { Encryptor } from './encryptor.ts';
import type { Conceal } from './stored-names.ts';

/** How a store encrypts, and what it can decrypt. */
export interface Encryption {
  /** null: what is saved is not encrypted; encrypted snapshots of before can be read all the same. */
  readonly encryptor: Encryptor | null;
  readonly identities: Identities;
  readonly conceal: Conceal;
  /** Whether a file stays readable, because a run without an identity needs it. */
  isReadable(path: string): boolean;
  /** Where ciphertext is kept until it is saved. */
  readonly openSpool: OpenSpool;
}

/** An encrypted snapshot, and what it needs to be read. */
export interface EncryptedParts {
  readonly stored: StoredSnapshot;
  readonly index: FileIndex;
  readonly encryption: Encryption;
  /** Of the store, for messages. */
  readonly storeName: string;
  /** Objects that are known to be damaged: their content matches nothing, so that it is encrypted again. */
  readonly damaged: ReadonlySet<string>;
}
