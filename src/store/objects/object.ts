import { sha256 } from '../../lib/hash.ts';
import { isStoreError, StoreError } from '../errors.ts';
import { decompress, maxCompressedSize } from './compress.ts';
import type { ObjectStoreContext } from './context.ts';
import { hashOfObject, type ObjectId } from './keys.ts';

/**
 * The bytes of an object, checked against its hash.
 * @param path for messages: the file of a snapshot that the object holds
 * @throws StoreError `integrity` where they are damaged or gone
 */
export async function readObject(
  context: ObjectStoreContext,
  id: ObjectId,
  size: number,
  path: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  try {
    return await readOnce(context, id, size, path, signal);
  } catch (error) {
    if (!isStoreError(error, 'integrity')) throw error;
    // A bit that flipped on the way is no damage in the store, so damage is believed when it is seen twice.
    return readOnce(context, id, size, path, signal);
  }
}

async function readOnce(
  { bucket, keys }: ObjectStoreContext,
  id: ObjectId,
  size: number,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const key = keys.object(id);
  const stored = await bucket.get(key, maxCompressedSize(size), signal).catch((error: unknown) => {
    if (!isStoreError(error, 'integrity')) throw error;
    throw damaged(bucket.location, key, path, error.message);
  });
  if (stored === null) throw damaged(bucket.location, key, path, 'it is missing');
  const content = await decompress(stored.bytes, size).catch((error: unknown) => {
    throw damaged(bucket.location, key, path, 'it does not decompress', error);
  });
  if (content.length !== size || sha256(content) !== hashOfObject(id)) {
    throw damaged(bucket.location, key, path, 'its hash is wrong');
  }
  return content;
}

function damaged(location: string, key: string, path: string, what: string, cause?: unknown): StoreError {
  return new StoreError('integrity', `object ${key} of ${location} (${path}) is damaged: ${what}`, {
    remedy:
      'Run `flowkeep verify` and then `flowkeep backup`: what n8n still has is uploaded again. Or ' +
      'restore from another store.',
    ...(cause === undefined ? {} : { cause }),
  });
}
