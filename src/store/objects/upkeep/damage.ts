import { isStoreError, StoreError } from '../../errors.ts';
import { readDraftFile } from '../../draft-file.ts';
import type { DraftFile } from '../../store.ts';
import { compress } from '../compress.ts';
import type { ObjectStoreContext } from '../context.ts';
import { hashOfObject, parseDamagedMarker, parseObjectKey, type ObjectId } from '../keys.ts';
import { mapParallel, forEachParallel } from '../parallel.ts';
import { putObject } from '../upload.ts';

/** Leaves an empty object below `damaged/` for each: one listing tells them all, and two who mark at once agree. */
export async function markDamaged(
  { bucket, keys }: ObjectStoreContext,
  objects: Iterable<string>,
  signal?: AbortSignal,
): Promise<void> {
  await forEachParallel(objects, bucket.concurrency, async (id) => {
    if (parseObjectKey(keys, keys.object(id)) === null) {
      throw new StoreError('not-found', `${id} is not the name of an object`);
    }
    await bucket.put(keys.damagedMarker(id), new Uint8Array(0), {}, signal);
  });
}

/** The objects that are marked. */
export async function listDamaged({ bucket, keys }: ObjectStoreContext, signal?: AbortSignal): Promise<ObjectId[]> {
  const ids: (ObjectId | null)[] = [];
  for await (const { objects } of bucket.list(keys.damaged, undefined, signal)) {
    ids.push(...objects.filter(({ size }) => size === 0).map(({ key }) => parseDamagedMarker(keys, key)));
  }
  return ids.filter((id) => id !== null);
}

/** Takes the mark away. A key that may not delete writes into it instead, since only an empty one is a mark. */
async function unmark({ bucket, keys }: ObjectStoreContext, id: ObjectId, signal?: AbortSignal): Promise<void> {
  try {
    await bucket.delete(keys.damagedMarker(id), undefined, signal);
  } catch (error) {
    if (!isStoreError(error, 'denied')) throw error;
    await bucket.put(keys.damagedMarker(id), Buffer.from('repaired\n'), {}, signal);
  }
}

/**
 * Uploads damaged objects again, in place, so that every snapshot that names them is whole again.
 * @returns those whose bytes were among the files
 */
export async function repairDamaged(
  context: ObjectStoreContext,
  damaged: readonly ObjectId[],
  files: ReadonlyMap<string, DraftFile>,
  signal?: AbortSignal,
): Promise<ObjectId[]> {
  if (damaged.length === 0) return [];
  const byHash = new Map([...files].map((entry) => [entry[1].sha256, entry]));
  const repair = async (id: ObjectId): Promise<ObjectId | null> => {
    const entry = byHash.get(hashOfObject(id));
    if (entry === undefined) return null;
    await putObject(context, id, await compress(await readDraftFile(...entry)), signal);
    await unmark(context, id, signal);
    return id;
  };
  const repaired: ObjectId[] = [];
  for await (const id of mapParallel(damaged, context.bucket.concurrency, repair)) if (id !== null) repaired.push(id);
  return repaired;
}
