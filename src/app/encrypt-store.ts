import { readFile } from 'node:fs/promises';
import type { EncryptConfig } from '../config/types.ts';
import { messageOf, UsageError } from '../lib/errors.ts';
import type { OpenSpool } from '../lib/spool.ts';
import type { Secret } from '../lib/secrets/secret.ts';
import { concealName, HEADER_PATH } from '../snapshot/format/paths.ts';
import { Identities, parseIdentityFile } from '../store/encrypted/identities.ts';
import { Encryptor } from '../store/encrypted/encryptor.ts';
import { SealKey } from '../store/encrypted/seal-key.ts';
import { createEncryptedStore } from '../store/encrypted/store.ts';
import type { Store } from '../store/store.ts';

export interface EncryptStoreOptions {
  /** undefined: nothing is encrypted; encrypted snapshots of before are read all the same. */
  readonly encrypt: EncryptConfig | undefined;
  readonly identities: Identities;
  readonly openSpool: OpenSpool;
}

/** A store with encryption around it. */
export function encryptStore(store: Store, options: EncryptStoreOptions): Store {
  const { encrypt, identities, openSpool } = options;
  return createEncryptedStore(store, {
    encryptor: encrypt ? new Encryptor(encrypt) : null,
    previous: encrypt?.previous ? [new SealKey(encrypt.previous)] : [],
    identities,
    conceal: concealName,
    isReadable: (path) => path === HEADER_PATH,
    openSpool,
  });
}

/** What the files of `--identity` hold. @throws UsageError where one cannot be used */
export async function readIdentities(paths: readonly string[]): Promise<Identities> {
  return new Identities((await Promise.all(paths.map(readOne))).flat());
}

async function readOne(path: string): Promise<Secret[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `cannot read the identity file: ${messageOf(error)}`,
      'Check --identity or FLOWKEEP_IDENTITY_FILE.',
    );
  }
  return parseIdentityFile(text, path);
}
