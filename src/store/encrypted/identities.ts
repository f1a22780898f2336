import type { Decrypter } from 'age-encryption';
import { UsageError } from '../../lib/errors.ts';
import { Secret } from '../../lib/secrets/secret.ts';

/** The secret keys that were given: what opens an encrypted snapshot. */
export class Identities {
  readonly #secrets: readonly Secret[];
  #decrypter: Promise<Decrypter> | undefined;

  constructor(secrets: readonly Secret[]) {
    this.#secrets = secrets;
  }

  get isEmpty(): boolean {
    return this.#secrets.length === 0;
  }

  /** @throws NoMatchingIdentity where the file is for others; Error where it is damaged */
  async decrypt(content: Uint8Array): Promise<Uint8Array> {
    this.#decrypter ??= makeDecrypter(this.#secrets);
    return (await this.#decrypter).decrypt(content);
  }
}

/** None of the identities is among a file's recipients. */
export class NoMatchingIdentity extends Error {
  override readonly message = 'no matching identity';
}

async function makeDecrypter(secrets: readonly Secret[]): Promise<Decrypter> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const secret of secrets) decrypter.addIdentity(secret.reveal());
  // Asked last: so nothing but an identity that does not fit is taken for one.
  decrypter.addIdentity({
    unwrapFileKey: () => {
      throw new NoMatchingIdentity();
    },
  });
  return decrypter;
}

const NATIVE = /^AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+$/;

/**
 * The identities in a file as `age-keygen` writes it: one a line, `#` begins a comment.
 * @param path for messages, which never repeat a line: it may be a secret
 * @throws UsageError where it holds none, or one that flowkeep cannot use
 */
export async function parseIdentityFile(text: string, path: string): Promise<Secret[]> {
  refuseOtherFormats(text, path);
  const { identityToRecipient } = await import('age-encryption');
  const secrets: Secret[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const value = line.trim();
    if (value === '' || value.startsWith('#')) continue;
    const where = `line ${index + 1} of the identity file ${path}`;
    if (value.startsWith('AGE-PLUGIN-')) throw refused(`${where} is for an age plugin`, PLUGIN_REMEDY);
    const secret = new Secret(value);
    const isSound = NATIVE.test(value) && (await identityToRecipient(value).then(Boolean, () => false));
    if (!isSound) throw refused(`${where} is not an age identity`, KEYGEN_REMEDY);
    secrets.push(secret);
  }
  if (secrets.length === 0) throw refused(`the identity file ${path} holds no identity`, KEYGEN_REMEDY);
  return secrets;
}

const KEYGEN_REMEDY = 'Give a file as `age-keygen -o FILE` writes it: its line begins with AGE-SECRET-KEY-1.';
const PLUGIN_REMEDY =
  'flowkeep supports native identities only. Decrypt the files with `age`, as docs/encryption.md shows.';

function refuseOtherFormats(text: string, path: string): void {
  const start = text.trimStart();
  if (start.startsWith('age-encryption.org/') || start.startsWith('-----BEGIN AGE ENCRYPTED FILE-----')) {
    throw refused(
      `the identity file ${path} is protected by a passphrase`,
      'Let age open it for this one command: --identity <(age --decrypt FILE)',
    );
  }
  if (/^(-----BEGIN|ssh-)/.test(start)) throw refused(`${path} is not an age identity file`, KEYGEN_REMEDY);
  if (/^age1[a-z0-9]+\s*$/.test(start))
    throw refused(`the file ${path} holds a public key, not an identity`, KEYGEN_REMEDY);
}

function refused(message: string, remedy: string): UsageError {
  return new UsageError(message, remedy);
}
