import { createHmac, hkdfSync } from 'node:crypto';
import type { Secret } from '../../lib/secrets/secret.ts';

export interface SealKeyOptions {
  /** Public keys, `age1...`, at least one. */
  readonly recipients: readonly string[];
  /** Keys digests and codes beside the recipients, so that knowing those is not enough to guess or to forge. */
  readonly digestKey?: Secret | undefined;
}

/** Hexadecimal digits of a tag: 128 bits. */
const TAG_DIGITS = 32;

/**
 * What tells flowkeep's own snapshots from others, and one content from another, without decrypting. It comes from
 * all of the recipients, which stand in no age file, and from the digest key: the store alone does not give it, nor
 * does one of several recipients.
 */
export class SealKey {
  /** Names the key: tags, codes and ciphertext under another one cannot be used under this one. */
  readonly id: string;
  /** Anyone who knows the public keys knows the key. */
  readonly isPublic: boolean;
  readonly #tags: Uint8Array;
  readonly #codes: Uint8Array;

  constructor({ recipients, digestKey }: SealKeyOptions) {
    const material = JSON.stringify([[...new Set(recipients)].sort(), digestKey?.reveal() ?? null]);
    const derive = (use: string): Uint8Array => new Uint8Array(hkdfSync('sha256', material, '', use, 32));
    this.#tags = derive('flowkeep encryption v1: tags');
    this.#codes = derive('flowkeep encryption v2: codes');
    this.isPublic = digestKey === undefined;
    this.id = this.tag('seal');
  }

  /** Names content: HMAC-SHA256, so that nobody without the key can test a guess of a small file. */
  tag(content: Uint8Array | string): string {
    return createHmac('sha256', this.#tags).update(content).digest('hex').slice(0, TAG_DIGITS);
  }

  /** Proves that somebody with the key wrote this: HMAC-SHA256, under a key of its own. `use` keeps two uses apart. */
  code(use: 'index' | 'document', ...parts: readonly (Uint8Array | string)[]): string {
    const hmac = createHmac('sha256', this.#codes).update(`${use}\0`);
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}\0`).update(part);
    return hmac.digest('hex');
  }
}
