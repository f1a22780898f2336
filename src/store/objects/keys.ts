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
  document(name: string): string;
}

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
  try {
    return { instance: decodeURIComponent(instance), id: decodeURIComponent(id) };
  } catch {
    return null; // A stray percent sign: flowkeep did not write this key.
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
