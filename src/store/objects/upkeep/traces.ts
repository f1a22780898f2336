import type { ListedObject } from '../bucket.ts';
import type { ObjectStoreContext } from '../context.ts';
import { parseDamagedMarker, parseManifestKey, parseObjectKey } from '../keys.ts';

/**
 * What shows that an instance had snapshots, where it has no manifest; see Store.traces. Each question is one listing,
 * of a page: one key is enough.
 */
export async function findTraces(
  context: ObjectStoreContext,
  instance: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const { bucket, keys } = context;
  const some = async (prefix: string, shows: (object: ListedObject) => boolean): Promise<boolean> => {
    for await (const { objects } of bucket.list(prefix, undefined, signal)) return objects.some(shows);
    return false;
  };
  const isManifest = ({ key }: ListedObject): boolean => parseManifestKey(key, keys.snapshots) !== null;
  // So old that it is not of a first save that is under way or was broken off a moment ago.
  const isOld = ({ lastModified }: ListedObject): boolean =>
    bucket.serverTime().now - lastModified >= context.graceMs / 2;

  if (await some(keys.instance(instance), isManifest)) return null;
  // Written for snapshots that were there, and prune never removes an instance's last one.
  if (await some(keys.indexOf(instance), () => true))
    return tell(keys.indexOf(instance), 'an index of snapshots whose manifests are gone');
  if (await some(keys.removedOf(instance), ({ key }) => parseManifestKey(key, keys.removed) !== null))
    return tell(keys.removedOf(instance), 'copies of the manifests of removed snapshots');
  // What follows may be another instance's, as long as any has a manifest.
  if (await some(keys.snapshots, isManifest)) return null;
  if (await some(keys.damaged, ({ key }) => parseDamagedMarker(keys, key) !== null))
    return tell(keys.damaged, 'marks of damage in snapshots that are gone');
  if (await some(keys.objects, (object) => parseObjectKey(keys, object.key) !== null && isOld(object)))
    return tell(keys.objects, 'objects that no manifest names');
  if (await some(keys.documentsOf(instance), isOld))
    return tell(keys.documentsOf(instance), 'documents that backups and restores wrote');
  return null;
}

function tell(prefix: string, what: string): string {
  return `has no manifest of this instance and still has, below ${prefix}, ${what}`;
}
