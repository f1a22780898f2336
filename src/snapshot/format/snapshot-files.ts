import type { SpooledFile } from '../../lib/spool.ts';

/**
 * What this folder asks of a saved snapshot: a map of path to bytes. Every store's StoredSnapshot is one; the type is
 * named here again because the format knows no store.
 */
export interface SnapshotFiles {
  readonly info: { readonly id: string; readonly takenAt: string };
  readonly files: ReadonlyMap<string, { readonly size: number }>;
  /** Whether the file at `path` has exactly these bytes, told without reading it. */
  matches(path: string, content: Uint8Array): boolean;
  /**
   * Only where it is encrypted and cannot be read here: its files as they are, for the next snapshot of the same
   * store.
   */
  readonly sealed?: { keep(path: string): SpooledFile };
  read(path: string, signal?: AbortSignal): Promise<Uint8Array>;
  readMany(
    paths: Iterable<string>,
    signal?: AbortSignal,
  ): AsyncIterable<readonly [path: string, content: Uint8Array]>;
}
