import { damagedFile } from '../../snapshot/format/damaged-file.ts';
import { folderProblem } from '../../snapshot/format/folder-tree.ts';
import { listPath } from '../../snapshot/format/paths.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import type { SnapshotModel } from './model.ts';
import { readModel } from './read-model.ts';

/**
 * The model of a saved snapshot, which somebody may have changed since.
 * @throws FlowkeepError `snapshot-format` that names what cannot be used
 */
export async function readSnapshotModel(snapshot: SnapshotView, signal?: AbortSignal): Promise<SnapshotModel> {
  const model = await readModel(snapshot, signal);
  const problem = folderProblem(model.folders.values());
  if (problem !== null) throw damagedFile(listPath('folders'), snapshot.id, problem);
  return model;
}
