import { createHash } from 'node:crypto';
import { StoreError } from '../errors.ts';
import { type GitContext, runGit } from './git-process.ts';

export interface TreeFile {
  /** The blob's id: the hash of its bytes, as git computes it. */
  readonly oid: string;
  readonly size: number;
}

/**
 * The files of an instance's folder in a commit, by path below that folder, in path order. Links and submodules are
 * not files of ours and are left out.
 * @throws StoreError `format` where a file stands in the folder's place; GitFailure
 */
export async function readTree(
  context: GitContext,
  commit: string,
  instance: string,
  signal?: AbortSignal,
): Promise<Map<string, TreeFile>> {
  const args = ['ls-tree', '-r', '-l', '-z', '--full-tree', commit, '--', instance];
  const { stdout } = await runGit(context, args, { signal });
  const files = new Map<string, TreeFile>();
  for (const record of stdout.toString().split('\0')) {
    const match = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t([^]*)$/.exec(record);
    if (!match) continue;
    const [, mode = '', , oid = '', size = '', path = ''] = match;
    if (path === instance) throw notAFolder(instance);
    if (mode.startsWith('100')) files.set(path.slice(instance.length + 1), { oid, size: Number(size) });
  }
  return files;
}

function notAFolder(instance: string): StoreError {
  return new StoreError(
    'format',
    `the repository has a file named ${instance} where the instance's folder belongs`,
    {
      remedy: 'Rename that file in the repository, or give the instance another name.',
    },
  );
}

/**
 * The id that git gives a blob with these bytes. Its length tells the repository's hash: 40 digits are SHA-1, 64 are
 * SHA-256 (`git init --object-format=sha256`).
 */
export function blobId(content: Uint8Array, oidLength: number): string {
  const hash = createHash(oidLength === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex');
}
