import { messageOf } from '../../lib/errors.ts';
import { isStoreError } from '../../store/errors.ts';
import type { StoredSnapshot } from '../../store/store.ts';

/** Files requested at once. A store may hold this many in memory; each costs one more request where one is damaged. */
const BATCH = 256;

/** A file was read and is whole, or it was not: what the store says of it. */
export type ReadFile = { readonly content: Uint8Array } | { readonly damage: string };

/**
 * Reads files. Damage ends nothing: the store's own reading of many files stops at the first damaged one, so the rest
 * of that batch is read one by one.
 * @throws StoreError for anything but damage
 */
export async function* readFiles(
  snapshot: StoredSnapshot,
  paths: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<readonly [path: string, read: ReadFile]> {
  for (let start = 0; start < paths.length; start += BATCH) {
    const left = new Set(paths.slice(start, start + BATCH));
    try {
      for await (const [path, content] of snapshot.readMany(left, signal)) {
        left.delete(path);
        yield [path, { content }];
      }
    } catch (error) {
      if (!isStoreError(error, 'integrity')) throw error;
      for (const path of left) yield await readOne(snapshot, path, signal);
    }
  }
}

async function readOne(
  snapshot: StoredSnapshot,
  path: string,
  signal: AbortSignal,
): Promise<readonly [path: string, read: ReadFile]> {
  try {
    return [path, { content: await snapshot.read(path, signal) }];
  } catch (error) {
    if (!isStoreError(error, 'integrity')) throw error;
    return [path, { damage: messageOf(error) }];
  }
}
