import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { grepOutput } from './grep.ts';

/** Looks at the arguments of every process of this machine, which everybody on it may read. */
export function grepProcessList(): void {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const lines = ids.map((id) => read(`/proc/${id}/cmdline`).replaceAll('\0', ' '));
  grepOutput('the process list', lines.join('\n'));
}

/** A git that writes down its arguments and its environment, and then does what it is asked. */
export class RecordingGit {
  /** To put first in PATH. */
  readonly folder: string;

  constructor(folder: string) {
    this.folder = join(folder, 'recording-git');
    mkdirSync(this.folder);
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const script = `#!/bin/sh
{ printf '%s ' "$@"; echo; } >> '${this.#file('arguments')}'
{ env -0; } >> '${this.#file('environment')}'
exec '${real}' "$@"
`;
    writeFileSync(join(this.folder, 'git'), script);
    chmodSync(join(this.folder, 'git'), 0o755);
  }

  /** One line for each run. */
  get argumentLists(): string[] {
    return read(this.#file('arguments')).split('\n').slice(0, -1);
  }

  /** `NAME=VALUE` of all runs, each once. */
  get variables(): string[] {
    return [...new Set(read(this.#file('environment')).split('\0'))];
  }

  #file(name: string): string {
    return join(this.folder, `${name}.log`);
  }
}

/** A process may end between the look at the list and the look at it. */
function read(path: string): string {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
