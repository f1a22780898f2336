import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of its own on a folder, for as long as it is not disposed of. Needs root. */
export interface Mount extends Disposable {
  readonly folder: string;
}

/** A disk of so many megabytes, in memory. */
export function mountSmallDisk(folder: string, megabytes: number): Mount {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  return mounted(folder);
}

/** The folder as it is, but nobody may write to it, not even root. */
export function mountReadOnly(folder: string): Mount {
  execFileSync('mount', ['--bind', folder, folder]);
  execFileSync('mount', ['-o', 'remount,bind,ro', folder]);
  return mounted(folder);
}

function mounted(folder: string): Mount {
  // Lazily: a git that ends at this moment must not keep it.
  return { folder, [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', folder]) };
}

/** Fills a disk up to so many kilobytes. Dispose of it to make room again. */
export function fillDisk({ folder }: Mount, kilobytesLeft: number): Disposable {
  const file = join(folder, 'filler');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - kilobytesLeft * 1024)));
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}
