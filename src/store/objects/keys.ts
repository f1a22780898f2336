/**
 * Names an object below `objects/`: the SHA-256 of its uncompressed bytes, and where it was uploaded afresh although
 * an old copy was there (see upload.ts), a dot and a generation.
 */
export type ObjectId = string;

/** The keys of a store, below its prefix. docs/s3-store.md describes the layout. */
export interface Keys {
  readonly objects: string;
  readonly snapshots: string;
  readonly removed: string;
  readonly damaged: string;
  /** What `check` writes and removes: among the objects, and none of them. */
  readonly probe: string;
  object(id: ObjectId): string;
  /** The prefix of an instance's manifests. */
  instance(instance: string): string;
  manifest(instance: string, id: string): string;
  /** Where a manifest's copy is kept for the grace time after the snapshot was removed. */
  removedManifest(instance: string, id: string): string;
  /** The prefix of what is left of an instance's removed snapshots, of its documents and of its index of headers. */
  removedOf(instance: string): string;
  documentsOf(instance: string): string;
  indexOf(instance: string): string;
  damagedMarker(id: ObjectId): string;
  /** An empty object that says where a snapshot has its place; see listing/order.ts. */
  placeMarker(instance: string, id: string, place: Place): string;
  document(name: string): string;
}

/** Right behind the snapshot `after`, by number where several are: what follows what, where ids do not tell. */
export interface Place {
  readonly after: string;
  readonly number: number;
}

const PLACE_DIGITS = 6;
const MANIFEST_SUFFIX = '.ndjson.gz';
const OBJECT_SUFFIX = '.gz';
const OBJECT_ID = /^[0-9a-f]{64}(\.[0-9a-f]{8})?$/;

export function createKeys(prefix: string): Keys {
  const base = prefix === '' ? '' : `${prefix}/`;
  const keys = {
    objects: `${base}objects/`,
    snapshots: `${base}snapshots/`,
    removed: `${base}removed/`,
    damaged: `${base}damaged/`,
    probe: `${base}objects/.probe.gz`,
  };
  const instance = (name: string): string => `${keys.snapshots}${escapeSegment(name)}/`;
  return {
    ...keys,
    object: (id) => `${keys.objects}${id.slice(0, 2)}/${id}${OBJECT_SUFFIX}`,
    instance,
    manifest: (name, id) => `${instance(name)}${escapeSegment(id)}${MANIFEST_SUFFIX}`,
    removedManifest: (name, id) => `${keys.removed}${escapeSegment(name)}/${escapeSegment(id)}${MANIFEST_SUFFIX}`,
    removedOf: (name) => `${keys.removed}${escapeSegment(name)}/`,
    documentsOf: (name) => `${base}documents/${escapeSegment(name)}/`,
    indexOf: (name) => `${base}index/${escapeSegment(name)}/`,
    damagedMarker: (id) => `${keys.damaged}${id}`,
    placeMarker: (name, id, { after, number }) => {
      const digits = String(number).padStart(PLACE_DIGITS, '0');
      return `${instance(name)}${escapeSegment(after)}.then.${digits}.${escapeSegment(id)}`;
    },
    document: (name) => `${base}documents/${name.split('/').map(escapeSegment).join('/')}`,
  };
}

/**
 * The instance and snapshot id that a manifest's key (in `snapshots/` or `removed/`) names, or null for a foreign
 * key.
 */
export function parseManifestKey(key: string, folder: string): { instance: string; id: string } | null {
  if (!key.startsWith(folder) || !key.endsWith(MANIFEST_SUFFIX)) return null;
  const [instance, id, ...rest] = key.slice(folder.length, -MANIFEST_SUFFIX.length).split('/');
  if (!instance || !id || rest.length > 0) return null;
  const [name, own] = [unescape(instance), unescape(id)];
  return name === null || own === null ? null : { instance: name, id: own };
}

/** What a marker below `snapshots/` says: which snapshot of which instance has which place; null for another key. */
export function parsePlaceMarker(
  { snapshots }: Keys,
  key: string,
): { readonly instance: string; readonly id: string; readonly place: Place } | null {
  if (!key.startsWith(snapshots)) return null;
  const match = /^([^/]+)\/([^/]+)\.then\.(\d{6})\.([^/]+)$/.exec(key.slice(snapshots.length));
  if (!match) return null;
  const [instance, after, id] = [match[1], match[2], match[4]].map((part) => unescape(part ?? ''));
  if (instance == null || after == null || id == null) return null;
  return { instance, id, place: { after, number: Number(match[3]) } };
}

/** null for a stray percent sign: flowkeep did not write that key. */
function unescape(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** The id of an object's key, or null for a key that flowkeep did not write. */
export function parseObjectKey(keys: Keys, key: string): ObjectId | null {
  const id = key.slice(keys.objects.length + 3, -OBJECT_SUFFIX.length);
  return OBJECT_ID.test(id) && keys.object(id) === key ? id : null;
}

/** The id that a marker below `damaged/` names, or null. */
export function parseDamagedMarker(keys: Keys, key: string): ObjectId | null {
  const id = key.slice(keys.damaged.length);
  return OBJECT_ID.test(id) ? id : null;
}

/** The hash of the bytes that an object holds. */
export function hashOfObject(id: ObjectId): string {
  return id.slice(0, 64);
}

/**
 * One segment of a key in characters that every server, proxy and SDK leaves alone. A segment of dots alone would be
 * taken as a way up by some.
 */
function escapeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/^\.+$/, (dots) => '%2E'.repeat(dots.length));
}
