import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lutimesSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createGitStore } from '../../../src/store/git/store.ts';
import { GitHttpServer } from '../git-http.ts';
import type { World, WorldMaker } from './world.ts';

/**
 * Worlds with a git store: `path` alone, a path and a remote, or a remote alone (with a clone in the cache).
 * @param root an empty folder for the repositories of the server
 */
export async function gitWorlds(
  arrangement: 'local git' | 'git with a remote' | 'git, remote only',
  root: string,
): Promise<WorldMaker & { readonly server: GitHttpServer }> {
  const server = await GitHttpServer.start({ root });
  let count = 0;
  return {
    name: arrangement,
    server,
    async make(folder, like) {
      const name = `repository-${++count}.git`;
      mkdirSync(folder, { recursive: true });
      const hasPath = arrangement !== 'git, remote only';
      const hasRemote = arrangement !== 'local git';
      if (hasRemote) server.createRepository(name);
      const world = new GitWorld(folder, {
        path: hasPath ? join(folder, 'repository') : null,
        remote: hasRemote ? { url: server.url(name), folder: join(root, name) } : null,
      });
      if (like) world.copy(like as GitWorld);
      return world;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}

interface Places {
  readonly path: string | null;
  readonly remote: { readonly url: string; readonly folder: string } | null;
}

export class GitWorld implements World {
  readonly folder: string;
  readonly places: Places;

  constructor(folder: string, places: Places) {
    this.folder = folder;
    this.places = places;
  }

  get config(): object {
    const { path, remote } = this.places;
    return {
      type: 'git',
      ...(path === null ? {} : { path }),
      ...(remote === null ? {} : { remote: remote.url }),
    };
  }

  /** The remote, where there is one: what another machine would see, through a clone of its own. */
  open(): ReturnType<typeof createGitStore> {
    const { path, remote } = this.places;
    return createGitStore({
      name: 'store',
      ...(remote ? { remote: remote.url } : { path: path ?? '' }),
      cacheDir: join(this.folder, 'reader'),
      env: { PATH: process.env['PATH'], HOME: this.folder },
    });
  }

  copy(other: GitWorld): void {
    const { path, remote } = this.places;
    if (remote && other.places.remote) cpSync(other.places.remote.folder, remote.folder, { recursive: true });
    if (path === null || other.places.path === null || !existsSync(other.places.path)) return;
    cpSync(other.places.path, path, { recursive: true, preserveTimestamps: true });
    // The index knows its files by their inodes, which a copy does not have.
    this.git('update-index', '-q', '--refresh');
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.gitDirs()[0], encoding: 'utf8', stdio: 'pipe' }).trim();
  }

  /** The work tree, the clone in the cache: where flowkeep's git works on this machine. */
  gitDirs(): string[] {
    const { path } = this.places;
    if (path !== null) return [path];
    const cache = join(this.folder, 'home', '.cache', 'flowkeep');
    return existsSync(cache) ? readdirSync(cache).map((name) => join(cache, name)) : [];
  }

  async leftovers(): Promise<string[]> {
    const found: string[] = [];
    for (const folder of this.gitDirs()) {
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      found.push(...files.filter((path) => LEFTOVER.test(path)));
      const run = (...args: string[]): string[] =>
        execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
          .split('\n')
          .filter((line) => line !== '');
      found.push(...run('for-each-ref', '--format=%(refname)', 'refs/flowkeep/outgoing'));
      found.push(...run('fsck', '--full', '--no-dangling', '--no-progress'));
      if (this.places.path !== null) found.push(...run('status', '--porcelain'));
    }
    return found;
  }

  async passTime(): Promise<void> {
    const then = new Date(Date.now() - 3 * 86_400_000);
    for (const folder of this.gitDirs()) {
      for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
        lutimesSync(join(folder, path), then, then);
      this.#ageOutgoing(folder, then);
    }
    if (this.places.path !== null) this.git('update-index', '-q', '--refresh');
  }

  /** The name of such a ref holds the time at which it was made. */
  #ageOutgoing(folder: string, then: Date): void {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
    const listed = git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/flowkeep/outgoing');
    for (const line of listed.split('\n').filter((each) => each !== '')) {
      const [ref = '', oid = ''] = line.split(' ');
      git('update-ref', ref.replace(/\d+-/, `${then.getTime()}-`), oid);
      git('update-ref', '-d', ref);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/**
 * Locks, packs and objects that were never finished, reports of crashes, and the note of a work tree that is behind.
 */
const LEFTOVER = /\.lock$|(^|\/)(tmp_|\.tmp-|tmp_objdir)|fast_import_crash|flowkeep-work-tree|gc\.pid$/;
