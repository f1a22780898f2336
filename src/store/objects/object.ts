import { sha256 } from '../../lib/hash.ts';
import { isStoreError, StoreError } from '../errors.ts';
import type { FetchedObject } from './bucket.ts';
import { decompress, maxCompressedSize } from './compress.ts';
import type { ObjectStoreContext } from './context.ts';
import { hashOfObject, type ObjectId } from './keys.ts';
import { readTwice } from './read-twice.ts';

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
  const { bucket, keys } = context;
  const key = keys.object(id);
  const broken = (what: string, cause?: unknown): StoreError => damaged(bucket.location, key, path, what, cause);
  const fetch = (): Promise<FetchedObject | null> =>
    bucket.get(key, maxCompressedSize(size), signal).catch((error: unknown) => {
      if (!isStoreError(error, 'integrity')) throw error;
      throw broken(error.message);
    });
  return readTwice(context, key, fetch, async (stored) => {
    if (stored === null) throw broken('it is missing');
    const content = await decompress(stored.bytes, size).catch((error: unknown) => {
      throw broken('it does not decompress', error);
    });
    if (content.length !== size || sha256(content) !== hashOfObject(id)) throw broken('its hash is wrong');
    return content;
  });
}

function damaged(location: string, key: string, path: string, what: string, cause?: unknown): StoreError {
  return new StoreError('integrity', `object ${key} of ${location} (${path}) is damaged: ${what}`, {
    remedy:
      'Run `flowkeep verify` and then `flowkeep backup`: what n8n still has is uploaded again. Or ' +
      'restore from another store.',
    ...(cause === undefined ? {} : { cause }),
  });
}
