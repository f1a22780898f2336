import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { plant } from './secrets/planted.ts';

/** Installs Debian's `age` where it is missing. Needs root. Throws where that is not possible. */
export function installAge(): void {
  if (existsSync('/usr/bin/age')) return;
  const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'age'], options);
}

export interface KeyFile {
  readonly file: string;
  readonly recipient: string;
}

/** A new identity in a file, as a user makes it. */
export function ageKeygen(folder: string, name: string): KeyFile {
  const file = join(folder, name);
  execFileSync('age-keygen', ['-o', file], { stdio: 'ignore' });
  plant(execFileSync('grep', ['-v', '^#', file], { encoding: 'utf8' }).trim(), `identity ${name}`);
  return { file, recipient: execFileSync('age-keygen', ['-y', file], { encoding: 'utf8' }).trim() };
}

/** What `age --decrypt` makes of these bytes. Throws what age says where it does not. */
export function ageDecrypt(bytes: Uint8Array, identityFile: string): Buffer {
  const options = { input: bytes, stdio: 'pipe', maxBuffer: 64 * 1024 * 1024 } as const;
  return execFileSync('/usr/bin/age', ['--decrypt', '-i', identityFile], options);
}
