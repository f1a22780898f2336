import { createHmac, hkdfSync } from 'node:crypto';
import type { Encrypter } from 'age-encryption';
import type { Secret } from '../../lib/secrets/secret.ts';

export interface EncryptorOptions {
  /** Public keys, `age1...`, at least one. */
  readonly recipients: readonly string[];
  /** Keys the visible digests beside the recipients, so that knowing those is not enough to test a guess. */
  readonly digestKey?: Secret | undefined;
}

/** Hexadecimal digits of a tag: 128 bits. */
const TAG_DIGITS = 32;

/**
 * What a store does to a file before it is stored: encrypts it to the recipients, and names its content by a tag that
 * is the same for the same bytes, because age's output never is.
 */
export class Encryptor {
  /**
   * Changes with the recipients and the digest key: tags and ciphertext of another encryptor cannot be used by this
   * one.
   */
  readonly id: string;
  readonly #recipients: readonly string[];
  readonly #key: Uint8Array;
  #encrypter: Promise<Encrypter> | undefined;

  constructor({ recipients, digestKey }: EncryptorOptions) {
    this.#recipients = [...new Set(recipients)].sort();
    this.#key = tagKey(this.#recipients, digestKey);
    this.id = this.#hmac('seal');
  }

  /** Names content: HMAC-SHA256, so that nobody without the key can test a guess of a small file. */
  tag(content: Uint8Array): string {
    return this.#hmac(content);
  }

  async encrypt(content: Uint8Array): Promise<Uint8Array> {
    this.#encrypter ??= makeEncrypter(this.#recipients);
    return (await this.#encrypter).encrypt(content);
  }

  #hmac(content: Uint8Array | string): string {
    return createHmac('sha256', this.#key).update(content).digest('hex').slice(0, TAG_DIGITS);
  }
}

/** The recipients stand in no age file, so that the store alone does not give the key. */
function tagKey(recipients: readonly string[], digestKey: Secret | undefined): Uint8Array {
  const material = JSON.stringify([recipients, digestKey?.reveal() ?? null]);
  return new Uint8Array(hkdfSync('sha256', material, '', 'flowkeep encryption v1: tags', 32));
}

/** Loaded when the first file is encrypted: an unchanged instance needs none of it. */
async function makeEncrypter(recipients: readonly string[]): Promise<Encrypter> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter;
}
