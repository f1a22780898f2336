import { createHash } from 'node:crypto';

/** Of the ids of nearly every repository. */
export const SHA1_DIGITS = 40;

/**
 * The id that git gives a blob with these bytes (`git hash-object`). Its length tells the repository's hash: 40 digits
 * are SHA-1, 64 are SHA-256 (`git init --object-format=sha256`).
 */
export function blobId(content: Uint8Array, oidLength = SHA1_DIGITS): string {
  const hash = createHash(oidLength === SHA1_DIGITS ? 'sha1' : 'sha256');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex');
}
