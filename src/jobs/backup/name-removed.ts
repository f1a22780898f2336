import { isJsonObject, parseJson } from '../../lib/json/json.ts';
import type { ItemChange } from '../../snapshot/changes/changes.ts';
import { parsePath } from '../../snapshot/format/paths.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import { isStoreError } from '../../store/errors.ts';

/** More names than this are in no subject line; the rest keep the name part of their path. */
const MAX_NAMES = 50;

/**
 * Gives removed items the names that they had, which only the snapshot before knows: their paths hold a tidied form.
 */
export async function nameRemoved(
  changes: readonly ItemChange[],
  before: SnapshotView,
  signal?: AbortSignal,
): Promise<ItemChange[]> {
  const removed = changes.filter(({ change, path }) => change === 'removed' && parsePath(path)?.role !== 'list');
  const names = new Map<string, string>();
  try {
    const paths = removed.slice(0, MAX_NAMES).map(({ path }) => path);
    for await (const [path, content] of before.readMany(
      paths.filter((path) => parsePath(path)?.role !== 'rows'),
      signal,
    )) {
      const item = parseJson(Buffer.from(content).toString('utf8'));
      if (isJsonObject(item) && typeof item.name === 'string') names.set(path, item.name);
    }
  } catch (error) {
    // A damaged snapshot before must not keep the new one from being saved, least of all over a name.
    if (!isStoreError(error, 'integrity') && !(error instanceof SyntaxError)) throw error;
  }
  return changes.map((change) => ({ ...change, name: names.get(change.path) ?? change.name }));
}
