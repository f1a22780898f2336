import { StoreError } from '../../errors.ts';
import type { SnapshotInfo } from '../../store.ts';
import type { ObjectStoreContext } from '../context.ts';
import { parseManifestKey } from '../keys.ts';

/** A manifest, for messages. */
export function placeOf({ bucket }: ObjectStoreContext, key: string): string {
  return `manifest ${key} of ${bucket.location}`;
}

/**
 * A manifest in the place of another, or of another instance's, would be listed, restored and pruned as that one.
 * @throws StoreError `integrity`
 */
export function requireOwn(context: ObjectStoreContext, key: string, { instance, id }: SnapshotInfo): void {
  const { snapshots, removed } = context.keys;
  const named = parseManifestKey(key, snapshots) ?? parseManifestKey(key, removed);
  if (named?.instance === instance && named.id === id) return;
  const says = JSON.stringify(`${instance} ${id}`.slice(0, 200));
  throw new StoreError('integrity', `${placeOf(context, key)} belongs to another snapshot: ${says}`, {
    remedy: 'Find out who else can write to the bucket. Use another snapshot, and take a new one.',
  });
}
