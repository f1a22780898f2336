import { randomUUID } from 'node:crypto';
import { isStoreError, StoreError } from '../../errors.ts';
import { tellNoConditions } from '../conditions.ts';
import type { ObjectStoreContext } from '../context.ts';

/**
 * Does what a backup will do: puts a small object with the headers of a file's, reads it back, finds it in a listing,
 * puts it again only where there is none, as a manifest, and takes it away. Its key is always the same, and no object's
 * of a snapshot. A key that may not delete leaves it behind, and the next probe writes over it.
 * @throws StoreError which says what is not allowed or not right
 */
export async function probe(context: ObjectStoreContext, signal?: AbortSignal): Promise<void> {
  const { bucket, keys } = context;
  const key = keys.probe;
  const bytes = Buffer.from(`${randomUUID()}\n`);
  await bucket.put(key, bytes, { rarelyRead: true }, signal);
  const read = await bucket.get(key, bytes.length, signal);
  if (read === null || !bytes.equals(read.bytes))
    throw notKept(context, 'reads other bytes than were written a moment ago');
  await requireListed(context, signal);
  await tryCondition(context, bytes, signal);
  try {
    await bucket.delete(key, undefined, signal);
  } catch (error) {
    if (!isStoreError(error, 'denied')) throw error;
    context.logger.info(
      { location: bucket.location, key },
      'this key may not delete (s3:DeleteObject): that is fine for backups, and `flowkeep prune` needs it',
    );
  }
}

async function requireListed(context: ObjectStoreContext, signal?: AbortSignal): Promise<void> {
  const { bucket, keys } = context;
  for await (const { objects } of bucket.list(keys.probe, undefined, signal))
    if (objects.some(({ key }) => key === keys.probe)) return;
  throw notKept(context, 'does not list what was written a moment ago');
}

async function tryCondition(context: ObjectStoreContext, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  try {
    await context.bucket.put(context.keys.probe, bytes, { ifNoneMatch: '*' }, signal);
    tellNoConditions(context);
  } catch (error) {
    if (isStoreError(error, 'conflict')) return;
    if (!isStoreError(error, 'unsupported')) throw error;
    tellNoConditions(context);
  }
}

function notKept({ bucket, keys }: ObjectStoreContext, what: string): StoreError {
  return new StoreError('failed', `${bucket.location} ${what}: ${keys.probe}`, {
    remedy: 'Look for a cache or a proxy in front of the server, and for a rule of the bucket that removes objects.',
  });
}
