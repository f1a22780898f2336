import { createHash, hash, type Hash } from 'node:crypto';

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

/** The SHA-256 of files, in hexadecimal, by path. */
export type Hashed = ReadonlyMap<string, { readonly sha256: string }>;

/**
 * Names the content of a snapshot: SHA-256, in hexadecimal, over one line for each file in path order, of the path, a
 * NUL byte, the file's SHA-256 and a line feed. It is kept beside the snapshot, not in it, so that an edit of one
 * item changes one file.
 */
export function digestOf(files: Hashed): string {
  const sum = createHash('sha256');
  for (const path of sortedPaths(files)) addLine(sum, files, path);
  return sum.digest('hex');
}

/** By UTF-16 code unit, as docs/snapshot-format.md says. */
export function sortedPaths(files: Hashed): string[] {
  return [...files.keys()].sort();
}

/** Adds the line of one of the files. */
export function addLine(sum: Hash, files: Hashed, path: string): void {
  sum.update(`${path}\0${files.get(path)!.sha256}\n`);
}
