import { hash } from 'node:crypto';

/** SHA-256 of bytes or UTF-8 text, in lower-case hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return hash('sha256', content);
}
