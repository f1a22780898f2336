import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Vitest's setup of the whole project: the tool that lets a git die at a system call, from Debian (which needs root).
 */
export default function setup(): void {
  if (existsSync('/usr/bin/strace')) return;
  const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'strace'], options);
}
