import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { createGitStore } from '../../../src/store/git/store.ts';
import type { Store } from '../../../src/store/store.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import { takeBackup } from '../../support/backup.ts';
import { startStandIn, type StandIn } from '../../support/stand-in/start.ts';
import { addWorkflow } from '../../support/stand-in/workflow-actions.ts';
import { plainFiles } from './git-plain.ts';

/** How the store lies on the disk, and so what of it is damaged. */
export const ARRANGEMENTS = ['work tree', 'bare', 'path and remote', 'clone of a remote'] as const;
export type Arrangement = (typeof ARRANGEMENTS)[number];

/** A small store with three snapshots, some of it packed and some not, and what plain git says of it while it is whole. */
export class GitDamageWorld implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'flowkeep-damage-'));
  readonly arrangement: Arrangement;
  readonly n8n: StandIn;
  /** By snapshot id: path to SHA-256. */
  expected = new Map<string, ReadonlyMap<string, string>>();

  private constructor(arrangement: Arrangement, n8n: StandIn) {
    this.arrangement = arrangement;
    this.n8n = n8n;
  }

  static async make(arrangement: Arrangement): Promise<GitDamageWorld> {
    const world = new GitDamageWorld(arrangement, await startStandIn());
    const base = join(world.root, 'base');
    mkdirSync(base);
    if (arrangement === 'bare') git(base, 'init', '--quiet', '--bare', '-b', 'main', 'repository');
    if (world.hasRemote) git(base, 'init', '--quiet', '--bare', '-b', 'main', 'remote.git');
    const store = world.open(base);
    for (const name of ['First', 'Second', 'Third']) {
      addWorkflow(world.n8n.state, { name, nodes: [], connections: {}, settings: {} });
      await takeBackup(world.n8n, { store, kinds: ['workflows'] });
      await store.writeDocument(`prod/${name}.json`, Buffer.from('{}'), null);
      if (name === 'Second') git(world.damagedFolder(base), 'gc', '--quiet');
    }
    if (arrangement === 'clone of a remote') await world.open(base).list();
    world.expected = plainFiles(world.snapshotsFolder(base));
    return world;
  }

  get hasRemote(): boolean {
    return this.arrangement === 'path and remote' || this.arrangement === 'clone of a remote';
  }

  /** A copy that can be damaged. */
  copy(): string {
    const folder = mkdtempSync(join(this.root, 'case-'));
    cpSync(join(this.root, 'base'), folder, { recursive: true, preserveTimestamps: true });
    return folder;
  }

  open(folder: string, logger?: Logger): Store {
    return createGitStore({
      name: 'store',
      ...(this.arrangement === 'clone of a remote' ? {} : { path: join(folder, 'repository') }),
      // The clone's folder is named after the address: a link that every copy has at the same place.
      ...(this.hasRemote ? { remote: join(folder, 'remote.git') } : {}),
      cacheDir: join(folder, 'cache'),
      env: { PATH: process.env['PATH'], HOME: folder },
      ...(logger ? { logger } : {}),
    });
  }

  /** The git folder that is damaged. */
  damagedFolder(folder: string): string {
    if (this.arrangement === 'bare') return join(folder, 'repository');
    if (this.arrangement !== 'clone of a remote') return join(folder, 'repository', '.git');
    const [clone = ''] = readdirSync(join(folder, 'cache')).filter((name) => name.endsWith('.git'));
    return join(folder, 'cache', clone);
  }

  /** Where the snapshots are: for a clone, the remote. */
  snapshotsFolder(folder: string): string {
    return this.arrangement === 'clone of a remote' ? join(folder, 'remote.git') : this.damagedFolder(folder);
  }

  /** Every file that there is to damage. */
  files(): string[] {
    const folder = this.damagedFolder(join(this.root, 'base'));
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile() && !/\.sample$|^description|^info\//.test(path))
      .sort();
  }

  async stop(): Promise<void> {
    await this.n8n.stop();
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: 'pipe' });
}
