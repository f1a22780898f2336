import { isStoreError } from '../errors.ts';
import type { Bucket } from './bucket.ts';
import type { ObjectStoreContext } from './context.ts';

/** A version that no object has. */
const NO_SUCH_ETAG = '"00000000000000000000000000000000"';

/**
 * Whether the server honours conditional writes, and whether flowkeep may write at all: asks to replace, only if it
 * has a certain version, an object that does not exist. A server that honours this writes nothing. One that writes
 * after all does not, and what it wrote is taken away again.
 * @throws StoreError `denied` and others, as for any write
 */
export async function honoursConditions(context: ObjectStoreContext, signal?: AbortSignal): Promise<boolean> {
  const { bucket, keys } = context;
  const key = keys.document('.probe');
  try {
    await bucket.put(key, new Uint8Array(0), { ifMatch: NO_SUCH_ETAG }, signal);
  } catch (error) {
    if (isStoreError(error, 'conflict')) return true;
    if (!isStoreError(error, 'unsupported')) throw error;
    tellNoConditions(context);
    return false;
  }
  try {
    await bucket.delete(key, undefined, signal);
  } catch (error) {
    // A key that may not delete leaves an empty document that nothing reads.
    if (!isStoreError(error, 'denied')) throw error;
  }
  tellNoConditions(context);
  return false;
}

const told = new WeakSet<Bucket>();

/** Says that races are not decided by the server, once for each opened bucket. */
export function tellNoConditions({ bucket, logger }: ObjectStoreContext): void {
  if (told.has(bucket)) return;
  told.add(bucket);
  logger.warn(
    { location: bucket.location },
    'this server has no conditional writes: do not let two flowkeeps restore to, or back up, one ' +
      'instance at the same moment',
  );
}
