import type { FlowkeepError } from '../../lib/errors.ts';
import { damagedFile } from '../../snapshot/format/damaged-file.ts';
import { readHeader, type SnapshotHeader } from '../../snapshot/format/header.ts';
import { refuseHostilePaths } from '../../lib/hostile-paths.ts';
import { HEADER_PATH } from '../../snapshot/format/paths.ts';
import type { StoredSnapshot } from '../../store/store.ts';

/**
 * The header of a snapshot, once it is clear that the snapshot can be used at all. Whoever can write to a store can put
 * anything there, so every command that opens a snapshot comes through here, or, as verify does, reports the same.
 * @throws FlowkeepError `hostile-path` or `snapshot-format` (exit code 5); of a newer format exit code 2
 */
export async function readTrustedHeader(
  snapshot: StoredSnapshot,
  signal: AbortSignal,
): Promise<SnapshotHeader> {
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
