import type { OpenSpool } from '../../lib/spool.ts';
import type { Authenticity } from '../authenticity.ts';
import type { StoredSnapshot } from '../store.ts';
import type { FileIndex } from './file-index.ts';
import type { Identities } from './identities.ts';
import type { Encryptor } from './encryptor.ts';
import type { SealKey } from './seal-key.ts';
import type { Conceal } from './stored-names.ts';

/** How a store encrypts, and what it can decrypt. */
export interface Encryption {
  /** null: what is saved is not encrypted; encrypted snapshots of before can be read all the same. */
  readonly encryptor: Encryptor | null;
  /** Keys that the store was encrypted with before: what they prove is as good as ever. */
  readonly previous: readonly SealKey[];
  readonly identities: Identities;
  readonly conceal: Conceal;
  /** Whether a file stays readable, because a run without an identity needs it. */
  isReadable(path: string): boolean;
  /** Where ciphertext is kept until it is saved. */
  readonly openSpool: OpenSpool;
}

/** What can be said of an encrypted snapshot without decrypting it. */
export interface Verdict {
  /** Its `files` are paths in the stored snapshot. */
  readonly authenticity: Authenticity;
  /** Whether flowkeep wrote the index for this very snapshot: then each entry is what was saved. */
  readonly isIndexGenuine: boolean;
  /** Paths in the stored snapshot whose bytes are not those that the index names. */
  readonly broken: ReadonlySet<string>;
}

/** An encrypted snapshot, and what it needs to be read. */
export interface EncryptedParts {
  readonly stored: StoredSnapshot;
  readonly index: FileIndex;
  readonly verdict: Verdict;
  readonly encryption: Encryption;
  /** Of the store, for messages. */
  readonly storeName: string;
  /** Objects that are known to be damaged: their content matches nothing, so that it is encrypted again. */
  readonly damaged: ReadonlySet<string>;
}
