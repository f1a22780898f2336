import { sha256 } from '../../lib/hash.ts';
import { isStoreError, StoreError } from '../errors.ts';
import type { FetchedObject } from './bucket.ts';
import type { ObjectStoreContext } from './context.ts';

/** So often something is read that arrives differently each time. */
const READINGS = 4;

/**
 * What an object holds. What is damaged on its way is no damage of the store: it is read again until it is right, and
 * damage is believed once the same bytes came twice.
 * @param decode throws StoreError `integrity` where the bytes are not what was saved
 * @throws what `decode` threw; StoreError `unreachable` where no two readings are the same
 */
export async function readTwice<T>(
  { bucket }: ObjectStoreContext,
  key: string,
  fetch: () => Promise<FetchedObject | null>,
  decode: (fetched: FetchedObject | null) => Promise<T> | T,
): Promise<T> {
  const seen = new Set<string>();
  for (let reading = 1; ; reading++) {
    let came = '';
    try {
      const fetched = await fetch();
      came = fetched === null ? 'nothing' : sha256(fetched.bytes);
      return await decode(fetched);
    } catch (error) {
      if (!isStoreError(error, 'integrity')) throw error;
      if (seen.has(came)) throw error;
      if (reading === READINGS) throw onTheWay(bucket.location, key, error);
      seen.add(came);
    }
  }
}

function onTheWay(location: string, key: string, cause: StoreError): StoreError {
  const message = `${key} of ${location} arrives damaged, and differently each time: ${cause.message}`;
  return new StoreError('unreachable', message, {
    remedy:
      'Nothing says that the store is damaged. Look at what is between here and the server: a proxy, a network card, ' +
      'memory. Then run again.',
    cause,
  });
}
