import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';

// The judge: plain git and SHA-256, and no code of flowkeep.

/** Every snapshot that a branch leads to, as plain git reads it: id to path to SHA-256. A file that it cannot read is null. */
export function plainFiles(gitDir: string, ref = 'main'): Map<string, Map<string, string>> {
  const snapshots = new Map<string, Map<string, string>>();
  const log = run(gitDir, 'log', '--format=%H %(trailers:key=Flowkeep-Snapshot,valueonly,separator=)', ref);
  for (const line of log.toString().split('\n')) {
    const [commit = '', id = ''] = line.split(' ');
    if (id !== '') snapshots.set(id, filesOf(gitDir, commit));
  }
  return snapshots;
}

function filesOf(gitDir: string, commit: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const line of run(gitDir, 'ls-tree', '-r', '-z', commit).toString().split('\0')) {
    const [, oid = '', path = ''] = /^\d+ blob (\w+)\t(.*)$/.exec(line) ?? [];
    if (oid === '') continue;
    files.set(
      path,
      createHash('sha256')
        .update(run(gitDir, 'cat-file', 'blob', oid))
        .digest('hex'),
    );
  }
  return files;
}

/** What `git fsck` complains of; empty where all is well. */
export function fsck(gitDir: string): string {
  const { status, stdout, stderr } = spawnSync('git', ['fsck', '--full', '--no-dangling'], options(gitDir));
  return status === 0 ? '' : `${stdout.toString()}${stderr.toString()}`;
}

function run(gitDir: string, ...args: string[]): Buffer {
  return execFileSync('git', args, { ...options(gitDir), maxBuffer: 1e8 });
}

function options(gitDir: string) {
  const env = { PATH: process.env['PATH'], GIT_DIR: gitDir, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  return { cwd: gitDir, env, stdio: 'pipe' } as const;
}
