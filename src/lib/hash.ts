import { hash } from 'node:crypto';

/** SHA-256 of bytes or UTF-8 text, in lower-case hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return hash('sha256', content);
}

/**
 * Texts longer than this are looked up by their hash. V8 tells those of over 16,383 characters apart by their length
 * alone, so that a Map of many takes time with the square of their number.
 */
const MAX_KEY_LENGTH = 8192;

/** A key for a Map or Set: equal for equal texts alone, and found in the same time however long the texts are. */
export function mapKey(text: string): string {
  if (text.length <= MAX_KEY_LENGTH) return text;
  // By UTF-16, which tells lone surrogates apart; longer than any text that is its own key.
  return sha256(Buffer.from(text, 'utf16le')) + text.slice(0, MAX_KEY_LENGTH);
}
