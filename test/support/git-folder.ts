import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A temporary folder with what tests of git stores do by hand: the part of a user with a shell. */
export class GitFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'flowkeep-git-'));

  /** Runs git in a folder below this one and gives what it printed. */
  git(folder: string, ...args: string[]): string {
    return this.gitWithInput(folder, '', ...args);
  }

  /** As `git`, with something to read on stdin. */
  gitWithInput(folder: string, input: string, ...args: string[]): string {
    const identity = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
    const env = { PATH: process.env.PATH, HOME: this.path, GIT_CONFIG_NOSYSTEM: '1' };
    const options = { cwd: this.at(folder), env, input, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('git', [...identity, ...args], options).trim();
  }

  /** Makes a repository below this folder, with `main` checked out. */
  createRepository(folder: string, ...args: string[]): string {
    mkdirSync(this.at(folder), { recursive: true });
    this.git(folder, 'init', '--quiet', '-b', 'main', ...args);
    return this.at(folder);
  }

  /** Writes a file and commits it, as somebody else would. */
  commitFile(folder: string, path: string, content: string): void {
    this.write(join(folder, path), content);
    this.git(folder, 'add', path);
    this.git(folder, 'commit', '--quiet', '-m', `Add ${path}`);
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
  }

  makeExecutable(path: string): void {
    chmodSync(this.at(path), 0o755);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(this.at(path));
  }

  at(path: string): string {
    return join(this.path, path);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
