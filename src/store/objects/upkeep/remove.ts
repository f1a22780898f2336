import { StoreError } from '../../errors.ts';
import type { ObjectStoreContext } from '../context.ts';

/**
 * Removes a snapshot's manifest. A copy of it is kept in `removed/` for the grace time, so that a save that found its
 * objects named a moment ago can rely on them (see garbage.ts), and so that a removal can be undone by hand.
 */
export async function removeSnapshot(
  { bucket, keys }: ObjectStoreContext,
  instance: string,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  const key = keys.manifest(instance, id);
  const manifest = await bucket.get(key, Infinity, signal);
  if (manifest === null) return;
  await bucket.put(keys.removedManifest(instance, id), manifest.bytes, {}, signal);
  await bucket.delete(key, undefined, signal);
  if ((await bucket.head(key, signal)) === null) return;
  throw new StoreError('failed', `snapshot ${id} of ${instance} is still in ${bucket.location} after its removal`, {
    remedy: 'Look for a retention rule, a legal hold or a write-once mode of the bucket or the server.',
  });
}
