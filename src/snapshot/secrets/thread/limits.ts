import { extname } from 'node:path';

/** The program of the thread: beside this file, built or not (scripts/build.ts). */
export const PROGRAM = new URL(`./scan-worker${extname(import.meta.filename)}`, import.meta.url);

/** Time that texts get whatever their length: far more than the scan of a usual workflow, of milliseconds. */
const BASE_MS = 10_000;
/** Of that, what is left after others took too long: not even a thousand such texts shall hold up a run for hours. */
const LEAST_BASE_MS = 1000;
/** Time for each million characters: the worst of them took less on a busy machine (`npm run bench -- --only scan`). */
const MS_PER_MILLION = 5000;

/**
 * Milliseconds that a scan may take.
 * @param before how many took too long before
 */
export function limitOf(characters: number, before: number): number {
  return Math.max(LEAST_BASE_MS, BASE_MS / 2 ** before) + (characters / 1e6) * MS_PER_MILLION;
}

/**
 * Memory of the thread, in MiB, beside that of the process: for a text of 33 million characters, which is the longest
 * that an answer of n8n can hold, and what is found in it.
 */
export const MEMORY = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };
