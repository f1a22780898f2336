import type { Encrypter } from 'age-encryption';
import { SealKey, type SealKeyOptions } from './seal-key.ts';

/**
 * What a store does to a file before it is stored: encrypts it to the recipients, and names its content by a tag that
 * is the same for the same bytes, because age's output never is.
 */
export class Encryptor extends SealKey {
  readonly #recipients: readonly string[];
  #encrypter: Promise<Encrypter> | undefined;

  constructor(options: SealKeyOptions) {
    super(options);
    this.#recipients = [...new Set(options.recipients)].sort();
  }

  async encrypt(content: Uint8Array): Promise<Uint8Array> {
    this.#encrypter ??= makeEncrypter(this.#recipients);
    return (await this.#encrypter).encrypt(content);
  }
}

/** Loaded when the first file is encrypted: an unchanged instance needs none of it. */
async function makeEncrypter(recipients: readonly string[]): Promise<Encrypter> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter;
}
