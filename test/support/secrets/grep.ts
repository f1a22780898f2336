import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { findPlanted } from './planted.ts';

/** What was grepped in this process. */
export interface Tally {
  outputs: number;
  bytes: number;
}

const tally: Tally = { outputs: 0, bytes: 0 };
let leaks: string[] = [];

/**
 * Looks for planted secrets in something that flowkeep put out: a stream of a process, an answer, a message that it
 * sent, a file that it wrote. What is found fails the test that runs (setup.ts).
 * @param where for the failure: `stderr of flowkeep backup`
 */
export function grepOutput(where: string, output: string | Uint8Array): void {
  tally.outputs += 1;
  tally.bytes += output.length;
  const text = typeof output === 'string' ? output : Buffer.from(output).toString();
  // One of each kind is enough to look for the cause.
  const found = new Map(findPlanted(text).map(({ what, context }) => [what, context]));
  for (const [what, context] of found) leaks.push(`${what} in ${where}: ${context}`);
}

/** Looks through every file below a folder, and through what is gzipped in it. */
export function grepFolder(where: string, folder: string, skip: (path: string) => boolean = () => false): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (!entry.isFile() || skip(name)) continue;
    grepOutput(`${where}, path`, name);
    grepBytes(`${where}, ${name}`, readFileSync(path));
  }
}

/** Every object of a git repository: files, trees, and commits with their messages. */
export function grepRepository(where: string, folder: string): void {
  const args = ['-C', folder, 'cat-file', '--batch-all-objects', '--batch', '--buffer'];
  grepOutput(`the objects of ${where}`, execFileSync('git', args, { maxBuffer: 2 ** 28 }));
}

/** Bytes that may be gzipped, such as an object in a bucket. */
export function grepBytes(where: string, bytes: Uint8Array): void {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  grepOutput(where, isGzip ? unzipped(bytes) : bytes);
}

/** What was found since the last call. */
export function takeLeaks(): string[] {
  const found = leaks;
  leaks = [];
  return found;
}

export function grepped(): Readonly<Tally> {
  return tally;
}

/** Tests damage objects on purpose: what is no gzip any more is looked at as it is. */
function unzipped(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) return bytes;
    throw error;
  }
}
