import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { Secret } from '../../src/lib/secrets/secret.ts';
import { concealName, HEADER_PATH } from '../../src/snapshot/format/paths.ts';
import { Identities } from '../../src/store/encrypted/identities.ts';
import { Encryptor } from '../../src/store/encrypted/encryptor.ts';
import { createEncryptedStore } from '../../src/store/encrypted/store.ts';
import type { Store } from '../../src/store/store.ts';
import { openSpool } from './tools.ts';

/** An age key pair, as `age-keygen` makes it. */
export interface Keys {
  readonly identity: string;
  readonly recipient: string;
}

export async function newKeys(): Promise<Keys> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** An encrypted store on another one, wired as src/app/app.ts does; without an identity it is what a daemon has. */
export function encrypted(
  inner: Store,
  { recipient, identity }: { readonly recipient: string | null; readonly identity?: string },
): Store {
  return createEncryptedStore(inner, {
    encryptor: recipient === null ? null : new Encryptor({ recipients: [recipient] }),
    identities: new Identities(identity === undefined ? [] : [new Secret(identity)]),
    conceal: concealName,
    isReadable: (path) => path === HEADER_PATH,
    openSpool,
  });
}
