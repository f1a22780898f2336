import { damagedFile } from './damaged-file.ts';
import type { SnapshotHeader } from './header.ts';
import { sha256 } from '../../lib/hash.ts';
import type { SpooledFile } from '../../lib/spool.ts';

/** The id of a view of what an instance holds right now. */
export const LIVE = 'live';

/**
 * A snapshot as everything above the stores looks at it: a map of path to bytes with a header. What a store holds gives
 * one (jobs/snapshots/saved-snapshot.ts), and so does what was just read of an instance (`liveView`).
 */
export interface SnapshotView {
  /** A snapshot's id, or `live`. */
  readonly id: string;
  /** ISO 8601 in UTC, whole seconds. */
  readonly takenAt: string;
  readonly header: SnapshotHeader;
  /** Every file, with its size in bytes; that of the header may be left out. */
  readonly files: ReadonlyMap<string, { readonly size: number }>;
  /** Only of an encrypted snapshot that cannot be read here: its files as they are, for the same store's next one. */
  readonly sealed?: { keep(path: string): SpooledFile } | undefined;
  /** Of a stored one: see StoredSnapshot. */
  readonly needsReencryption?: boolean;
  /** Whether the file at `path` has exactly these bytes, known without reading it. False if there is none. */
  matches(path: string, content: Uint8Array): boolean;
  /** The name of the stored object that holds a file, where it has one: the same object is the same content. */
  objectOf?(path: string): string | undefined;
  /** @throws FlowkeepError or StoreError where there is no such file, or its bytes are damaged */
  read(path: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** Many files, in any order; throws like `read`. */
  readMany(paths: Iterable<string>, signal?: AbortSignal): AsyncIterable<readonly [path: string, content: Uint8Array]>;
}

/** What was just read of an instance, as a view. The spool of its files must stay open. */
export function liveView(
  header: SnapshotHeader,
  files: ReadonlyMap<string, SpooledFile>,
  takenAt: string,
): SnapshotView & { readonly files: ReadonlyMap<string, SpooledFile> } {
  const read = async (path: string): Promise<Uint8Array> => {
    const file = files.get(path);
    if (!file) throw damagedFile(path, 'the live state', 'it is missing');
    return file.read();
  };
  return {
    id: LIVE,
    takenAt,
    header,
    files,
    matches: (path, content) => files.get(path)?.sha256 === sha256(content),
    read,
    async *readMany(paths) {
      for (const path of paths) yield [path, await read(path)] as const;
    },
  };
}
