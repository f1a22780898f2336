import { hashFiles, judgeDigest } from '../../authenticity.ts';
import { blobId, SHA1_DIGITS } from '../../blob-id.ts';
import { StoreError } from '../../errors.ts';
import type { StoredSnapshot } from '../../store.ts';
import { readBlobs } from './blobs.ts';
import type { GitContext } from '../process/git-environment.ts';
import type { Commit } from './history.ts';
import { foreignEntry, readTree, type TreeFile } from './tree.ts';

/** Runs work that talks to git, turning git's errors into the store's. */
export type Guard = <T>(work: () => Promise<T>) => Promise<T>;

/** Opens the snapshot that a commit holds: one `git ls-tree` now, one `git cat-file` for each reading. */
export async function openSnapshot(
  context: GitContext,
  { oid, info }: Commit,
  guard: Guard,
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
    if (oids.length === 0) return;
    const label = (index: number): string => `${info.instance}/${wanted[index]} of snapshot ${info.id}`;
    const blobs = readBlobs(context, oids, label, readSignal);
    try {
      for (const path of wanted) {
        const next = await guard(() => blobs.next());
        if (next.done !== true) yield [path, next.value];
      }
      await guard(() => blobs.next());
    } finally {
      await blobs.return(undefined);
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
