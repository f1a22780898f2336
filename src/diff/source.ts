import type { Json } from '../lib/json/json.ts';
import { parseSnapshotFile } from '../snapshot/format/damaged-file.ts';
import type { SnapshotHeader } from '../snapshot/format/header.ts';
import type { SnapshotFiles } from '../snapshot/format/snapshot-files.ts';

/** One side of a diff: a saved snapshot, or what was just read from the instance. */
export interface DiffSource {
  /** A snapshot's id, or `live`. */
  readonly id: string;
  readonly takenAt: string;
  readonly header: SnapshotHeader;
  readonly files: ReadonlyMap<string, { readonly size: number }>;
  /** The name of the stored object that holds a file, where it has one: the same object is the same content. */
  objectOf?(path: string): string | undefined;
  /** Paths whose bytes are known to be those of the other side at the same path. */
  readonly unchanged?: ReadonlySet<string>;
  readMany(
    paths: Iterable<string>,
    signal?: AbortSignal,
  ): AsyncIterable<readonly [path: string, content: Uint8Array]>;
}

/** The older side can tell without reading whether it has the same bytes. */
export interface DiffBase extends DiffSource {
  matches(path: string, content: Uint8Array): boolean;
}

/** A saved snapshot as a side of a diff. */
export function storedSource(
  files: SnapshotFiles & { objectOf?(path: string): string | undefined },
  header: SnapshotHeader,
): DiffBase {
  return {
    objectOf: (path) => files.objectOf?.(path),
    id: files.info.id,
    takenAt: files.info.takenAt,
    header,
    files: files.files,
    matches: (path, content) => files.matches(path, content),
    readMany: (paths, signal) => files.readMany(paths, signal),
  };
}

/** What `collect` just read, based on the older side, as the newer side. Its spool must stay open. */
export function liveSource(
  collected: {
    readonly header: SnapshotHeader;
    readonly files: ReadonlyMap<string, { readonly size: number; read(): Promise<Uint8Array> }>;
    readonly unchanged: ReadonlySet<string>;
  },
  takenAt: string,
): DiffSource {
  const { header, files, unchanged } = collected;
  return {
    id: 'live',
    takenAt,
    header,
    files,
    unchanged,
    async *readMany(paths) {
      for (const path of paths) {
        const file = files.get(path);
        if (file) yield [path, await file.read()] as const;
      }
    },
  };
}

/** Files of a side as JSON, a batch at a time. @throws FlowkeepError `snapshot-format` where one is damaged */
export async function* readJson(
  source: DiffSource,
  paths: Iterable<string>,
  signal?: AbortSignal,
): AsyncIterable<readonly [path: string, value: Json]> {
  for await (const [path, content] of source.readMany(paths, signal))
    yield [path, parseSnapshotFile(path, content, source.id)];
}

/** One JSON file of a side, or null where it has none. */
export async function readOne(source: DiffSource, path: string, signal?: AbortSignal): Promise<Json> {
  if (!source.files.has(path)) return null;
  for await (const [, value] of readJson(source, [path], signal)) return value;
  return null;
}
