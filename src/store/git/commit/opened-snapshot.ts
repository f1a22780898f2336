import { hashFiles, judgeDigest } from '../../authenticity.ts';
import { blobId, SHA1_DIGITS } from '../../blob-id.ts';
import { throwIfAborted } from '../../../lib/errors.ts';
import { StoreError } from '../../errors.ts';
import type { StoredSnapshot } from '../../store.ts';
import { readBlobs } from './blobs.ts';
import type { GitContext } from '../process/git-environment.ts';
import type { Commit } from './history.ts';
import { foreignEntry, readTree, type TreeFile } from './tree.ts';

/**
 * Called where reading failed: mends what was in the way, so that the reading goes on, or throws the failure as a user
 * reads it.
 * @param mayHelp false where that was tried already
 */
export type Recover = (failure: unknown, mayHelp: boolean) => Promise<void>;

/** Opens the snapshot that a commit holds: one `git ls-tree` now, one `git cat-file` for each reading. */
export async function openSnapshot(
  context: GitContext,
  { oid, info }: Commit,
  recover: Recover,
  signal?: AbortSignal,
): Promise<StoredSnapshot> {
  const { files, foreign } = await readTree(context, oid, info.instance, signal);
  if (foreign !== null) throw foreignEntry(info.id, foreign);
  const fileAt = (path: string): TreeFile => {
    const file = files.get(path);
    if (file) return file;
    throw new StoreError('not-found', `snapshot ${info.id} of ${info.instance} has no file ${path}`);
  };
  async function* readMany(
    paths: Iterable<string>,
    readSignal?: AbortSignal,
  ): AsyncGenerator<readonly [string, Uint8Array]> {
    const wanted = [...paths];
    const oids = wanted.map((path) => fileAt(path).oid);
    let given = 0;
    let mendedAt = -1;
    while (given < wanted.length) {
      const start = given;
      const label = (index: number): string => `${info.instance}/${wanted[start + index]} of snapshot ${info.id}`;
      try {
        for await (const content of readBlobs(context, oids.slice(start), label, readSignal))
          yield [wanted[given++] ?? '', content];
      } catch (error) {
        throwIfAborted(readSignal);
        // Where the same file fails again, what was done has not helped.
        await recover(error, mendedAt < given);
        mendedAt = given;
      }
    }
  }
  return {
    info,
    files,
    matches: (path, content) => {
      const file = files.get(path);
      return file?.size === content.length && blobId(content, file.oid.length) === file.oid;
    },
    objectOf: (path) => fileAt(path).oid,
    gitBlobOf: (path) => (fileAt(path).oid.length === SHA1_DIGITS ? fileAt(path).oid : undefined),
    authenticate: async (readSignal, hashes) =>
      judgeDigest(info, hashes ?? (await hashFiles({ files, readMany }, readSignal))),
    read: async (path, readSignal) => {
      for await (const [, content] of readMany([path], readSignal)) return content;
      throw new StoreError('failed', `git returned nothing for ${path}`);
    },
    readMany,
  };
}
