import { damagedFile } from '../../snapshot/format/damaged-file.ts';
import { HEADER_PATH } from '../../snapshot/format/paths.ts';
import { readHeader, type SnapshotHeader } from '../../snapshot/format/header.ts';
import type { SnapshotFiles } from '../../snapshot/format/snapshot-files.ts';

/** Where a model is read from: a saved snapshot or what `collect` gave. */
export interface ModelSource {
  readonly id: string;
  readonly takenAt: string;
  readonly header: SnapshotHeader;
  readonly paths: readonly string[];
  read(path: string, signal?: AbortSignal): Promise<Uint8Array>;
  readMany(
    paths: Iterable<string>,
    signal?: AbortSignal,
  ): AsyncIterable<readonly [path: string, content: Uint8Array]>;
}

/** A saved snapshot as the source of a model. @throws FlowkeepError `snapshot-format` */
export async function snapshotSource(files: SnapshotFiles, signal?: AbortSignal): Promise<ModelSource> {
  const header = readHeader(await files.read(HEADER_PATH, signal), files.info.id);
  return {
    id: files.info.id,
    takenAt: files.info.takenAt,
    header,
    paths: [...files.files.keys()],
    read: (path, stop) => files.read(path, stop),
    readMany: (paths, stop) => files.readMany(paths, stop),
  };
}

/** What `collect` just read as the source of a model. The spool must stay open while rows are read. */
export function collectedSource(
  collected: {
    readonly header: SnapshotHeader;
    readonly files: ReadonlyMap<string, { read(): Promise<Uint8Array> }>;
  },
  takenAt: string,
): ModelSource {
  const read = async (path: string): Promise<Uint8Array> => {
    const file = collected.files.get(path);
    if (!file) throw damagedFile(path, 'the live state', 'it is missing');
    return file.read();
  };
  return {
    id: 'live',
    takenAt,
    header: collected.header,
    paths: [...collected.files.keys()],
    read,
    async *readMany(paths) {
      for (const path of paths) yield [path, await read(path)] as const;
    },
  };
}
