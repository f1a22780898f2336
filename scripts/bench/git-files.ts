import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';

/** Milliseconds of `git add` and `git commit` of a snapshot's files, in a fresh repository. */
export interface GitSeconds {
  readonly add: number;
  readonly commit: number;
}

/** Has git itself save the files of a snapshot: what any backup into git takes at least that calls git as people do. */
export async function addAndCommit(bench: Bench, repository: string): Promise<GitSeconds> {
  const folder = await bench.newFolder('git');
  await checkOut(bench, repository, folder);
  await bench.git(folder, 'init', '--quiet');
  const add = await bench.git(folder, 'add', '--all');
  const commit = await bench.git(folder, 'commit', '--quiet', '--message', 'snapshot');
  return { add, commit };
}

/** The files of a repository's newest commit, as plain files. */
async function checkOut(bench: Bench, repository: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await bench.git(repository, `--work-tree=${folder}`, 'checkout', '--quiet', '--force', 'HEAD', '--', '.');
}

/** Path, size and time of every file below a folder: what is written shows as a difference. */
export async function fingerprint(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const stats = await Promise.all(files.map((file) => stat(file)));
  return new Map(files.map((file, index) => [file, `${stats[index]?.size} ${stats[index]?.mtimeMs}`]));
}

/** How many files were made, changed or removed between two fingerprints. */
export function countWrites(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).length;
}
