import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { Secret } from '../../src/lib/secrets/secret.ts';
import { concealName, HEADER_PATH } from '../../src/snapshot/format/paths.ts';
import { Identities } from '../../src/store/encrypted/identities.ts';
import { Encryptor } from '../../src/store/encrypted/encryptor.ts';
import { SealKey } from '../../src/store/encrypted/seal-key.ts';
import { createEncryptedStore } from '../../src/store/encrypted/store.ts';
import type { Store } from '../../src/store/store.ts';
import { MemoryStore, type MemoryStoreState } from './memory-store.ts';
import { openSpool } from './tools.ts';

/** An age key pair, as `age-keygen` makes it. */
export interface Keys {
  readonly identity: string;
  readonly recipient: string;
}

/** The settings of an encrypted store, and the identity that opens it. */
export interface EncryptedOptions {
  /** null: it is not encrypted any more. */
  readonly recipient: string | null;
  readonly identity?: string;
  /** A second recipient. */
  readonly second?: string;
  readonly digestKey?: string;
  /** The recipient of before. */
  readonly previous?: string;
}

export async function newKeys(): Promise<Keys> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** An encrypted store on another one, wired as src/app/app.ts does; without an identity it is what a daemon has. */
export function encrypted(inner: Store, options: EncryptedOptions): Store {
  const { recipient, second, identity, digestKey, previous } = options;
  const recipients = [recipient, second].filter((each) => each != null);
  const key = digestKey === undefined ? {} : { digestKey: new Secret(digestKey) };
  return createEncryptedStore(inner, {
    encryptor: recipient === null ? null : new Encryptor({ recipients, ...key }),
    previous: previous === undefined ? [] : [new SealKey({ recipients: [previous] })],
    identities: new Identities(identity === undefined ? [] : [new Secret(identity)]),
    conceal: concealName,
    isReadable: (path) => path === HEADER_PATH,
    openSpool,
  });
}

/** An encrypted store on a place in memory. Asked again, it gives what another process would have. */
export function vaultIn(state: MemoryStoreState, options: EncryptedOptions): Store {
  return encrypted(new MemoryStore('vault', state), options);
}
