// What came after what in a bucket. Ids begin with a time, so that their order is the order of saving as long as the
// clocks are right, and a listing gives it for nothing. Where an id does not sort behind the snapshot that it follows,
// because one of the two clocks was wrong, the save leaves a marker beside the manifests: `X.then.NUMBER.ID` says that
// ID was saved after X and all that sorts up to it. Its key sorts right behind X, so one listing of keys shows the
// whole order, in a copy of the bucket too, and nothing that prune removes takes it away. No clock is asked.

import type { ListedObject } from '../bucket.ts';
import { parseManifestKey, parsePlaceMarker, type Keys, type Place } from '../keys.ts';

/** A manifest as a listing shows it. */
export interface ListedManifest extends ListedObject {
  readonly instance: string;
  readonly id: string;
  readonly place: Place;
}

export interface Ordered {
  /** By instance, in the order in which they were saved. */
  readonly manifests: readonly ListedManifest[];
  /** Whether some marker is of a snapshot that is not among them: removed, or before where the listing began. */
  readonly isCut: boolean;
}

/** The manifests among these objects, in the order in which they were saved. */
export function inOrder(keys: Keys, objects: readonly ListedObject[]): Ordered {
  const places = new Map<string, Place>();
  for (const { key } of objects) {
    const marker = parsePlaceMarker(keys, key);
    if (marker === null) continue;
    const name = keys.manifest(marker.instance, marker.id);
    const known = places.get(name);
    // Where a save was tried twice, the later place counts.
    if (!known || comparePlaces(known, marker.place) < 0) places.set(name, marker.place);
  }
  const manifests: ListedManifest[] = [];
  for (const object of objects) {
    const named = parseManifestKey(object.key, keys.snapshots);
    if (named === null) continue;
    manifests.push({ ...object, ...named, place: places.get(object.key) ?? { after: named.id, number: 0 } });
    places.delete(object.key);
  }
  return { manifests: manifests.sort(compare), isCut: places.size > 0 };
}

/** The place that a new snapshot needs a marker for; null where its id alone puts it behind the newest. */
export function markedPlace(newest: ListedManifest | null, id: string): Place | null {
  if (newest === null || id > newest.place.after) return null;
  return { after: newest.place.after, number: newest.place.number + 1 };
}

function compare(a: ListedManifest, b: ListedManifest): number {
  return compareTexts(a.instance, b.instance) || comparePlaces(a.place, b.place) || compareTexts(a.id, b.id);
}

function comparePlaces(a: Place, b: Place): number {
  return compareTexts(a.after, b.after) || a.number - b.number;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
