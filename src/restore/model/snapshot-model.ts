import { damagedFile } from '../../snapshot/format/damaged-file.ts';
import { folderProblem } from '../../snapshot/format/folder-tree.ts';
import { FOLDERS_PATH } from '../../snapshot/format/paths.ts';
import type { SnapshotFiles } from '../../snapshot/format/snapshot-files.ts';
import type { SnapshotModel } from './model.ts';
import { snapshotSource } from './model-source.ts';
import { readModel } from './read-model.ts';

/**
 * The model of a saved snapshot, which somebody may have changed since.
 * @throws FlowkeepError `snapshot-format` that names what cannot be used
 */
export async function readSnapshotModel(files: SnapshotFiles, signal?: AbortSignal): Promise<SnapshotModel> {
  const model = await readModel(await snapshotSource(files, signal), signal);
  const problem = folderProblem(model.folders.values());
  if (problem !== null) throw damagedFile(FOLDERS_PATH, files.info.id, problem);
  return model;
}
