import type { Json } from '../lib/json/json.ts';
import { pause } from '../lib/pauses.ts';
import { parseSnapshotFile } from '../snapshot/format/damaged-file.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';

/** Files of a snapshot as JSON, a batch at a time. @throws FlowkeepError `snapshot-format` where one is damaged */
export async function* readJson(
  view: SnapshotView,
  paths: Iterable<string>,
  signal?: AbortSignal,
): AsyncIterable<readonly [path: string, value: Json]> {
  for await (const [path, content] of view.readMany(paths, signal)) {
    // A large file keeps the thread busy.
    await pause();
    yield [path, parseSnapshotFile(path, content, view.id)];
  }
}

/** One JSON file of a snapshot, or null where it has none. */
export async function readOne(view: SnapshotView, path: string, signal?: AbortSignal): Promise<Json> {
  if (!view.files.has(path)) return null;
  for await (const [, value] of readJson(view, [path], signal)) return value;
  return null;
}
