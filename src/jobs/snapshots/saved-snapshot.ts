import type { FlowkeepError } from '../../lib/errors.ts';
import { damagedFile } from '../../snapshot/format/damaged-file.ts';
import { readHeader, type SnapshotHeader } from '../../snapshot/format/header.ts';
import { refuseHostilePaths } from '../../lib/hostile-paths.ts';
import { HEADER_PATH } from '../../snapshot/format/paths.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import type { SealedContent, SnapshotInfo, StoredSnapshot } from '../../store/store.ts';

/** What a store holds, as a view. */
export interface SavedSnapshot extends SnapshotView {
  readonly info: SnapshotInfo;
  readonly sealed: SealedContent | undefined;
  /** Why it is not taken for what flowkeep saved, where its store knows without reading: see StoredSnapshot. */
  readonly doubts: readonly string[];
}

/**
 * The view of a stored snapshot, once it is clear that the snapshot can be used at all. Everybody who can write to a
 * store can put anything there, so every command that opens a snapshot comes through here, or, as verify does,
 * reports the same.
 * @throws FlowkeepError `hostile-path` or `snapshot-format` (exit code 5); of a newer format exit code 2
 */
export async function savedSnapshot(stored: StoredSnapshot, signal?: AbortSignal): Promise<SavedSnapshot> {
  const { info, files, needsReencryption = false, sealed, doubts = [] } = stored;
  return {
    id: info.id,
    takenAt: info.takenAt,
    info,
    header: await readTrustedHeader(stored, signal),
    files,
    needsReencryption,
    sealed,
    doubts,
    matches: (path, content) => stored.matches(path, content),
    objectOf: (path) => stored.objectOf?.(path),
    read: (path, stop) => stored.read(path, stop),
    readMany: (paths, stop) => stored.readMany(paths, stop),
  };
}

async function readTrustedHeader(snapshot: StoredSnapshot, signal: AbortSignal | undefined): Promise<SnapshotHeader> {
  const { info, files } = snapshot;
  refuseHostilePaths([info.instance, ...files.keys()], info.id);
  if (!files.has(HEADER_PATH)) throw damagedFile(HEADER_PATH, info.id, 'it is missing');
  const header = readHeader(await snapshot.read(HEADER_PATH, signal), info.id);
  if (header.instance !== info.instance) throw otherInstance(header, info.id);
  return header;
}

function otherInstance({ instance }: SnapshotHeader, id: string): FlowkeepError {
  return damagedFile(HEADER_PATH, id, `it is that of instance ${JSON.stringify(instance)}`);
}
