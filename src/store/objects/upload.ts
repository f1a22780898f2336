import { randomBytes } from 'node:crypto';
import { throwIfAborted } from '../../lib/errors.ts';
import { readDraftFile } from '../draft-file.ts';
import type { DraftFile, SnapshotDraft } from '../store.ts';
import type { ListedObject } from './bucket.ts';
import { compress } from './compress.ts';
import type { ObjectStoreContext } from './context.ts';
import { parseObjectKey, type ObjectId } from './keys.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import { forEachParallel, mapParallel } from './parallel.ts';

export interface Uploaded {
  /** Every file of the snapshot, in path order, with the place of its bytes. */
  readonly files: Map<string, ManifestFile>;
  readonly filesWritten: number;
  readonly bytesWritten: number;
}

/** A file's own line in the manifest takes about 100 bytes: so few more are cheaper there than in a request. */
const INLINE_BYTES = 512;
/**
 * Files at the top (coverage, tags, variables, the page for people, which takes 120 bytes for each workflow) are few,
 * and one of them changes in nearly every snapshot.
 */
const INLINE_BYTES_AT_TOP = 256 * 1024;
/** More objects than this are looked up by listing, 1,000 in a request, instead of one by one. */
const MAX_HEADS = 100;

/**
 * Uploads what the store does not have. What the snapshot `base` names costs no request at all.
 *
 * An object that was found in the store but not in `base` may be named by no manifest, and a collection of garbage
 * may be about to remove it. So it is relied on only while it is younger than half of the grace time; an older one is
 * uploaded again under a new name, which no collection knows yet.
 * @param distrusted objects that are known to be damaged
 */
export async function uploadFiles(
  context: ObjectStoreContext,
  draft: SnapshotDraft,
  base: Manifest | null,
  distrusted: ReadonlySet<ObjectId>,
  signal?: AbortSignal,
): Promise<Uploaded> {
  const places = new Map<string, ManifestFile>();
  for (const file of base?.files.values() ?? []) places.set(file.sha256, file);
  const unknown = new Map<string, [path: string, file: DraftFile]>();
  for (const [path, file] of draft.files) {
    if (!places.has(file.sha256)) unknown.set(file.sha256, [path, file]);
  }

  let filesWritten = 0;
  let bytesWritten = 0;
  const found = await lookUp(
    context,
    [...unknown.values()].filter(([path, file]) => !isInline(context, path, file)),
    signal,
  );
  await forEachParallel(unknown.values(), context.bucket.concurrency, async ([path, file]) => {
    throwIfAborted(signal);
    const content = await readDraftFile(path, file);
    throwIfAborted(signal);
    const { sha256, size } = file;
    const stored = isInline(context, path, file)
      ? { place: { sha256, size, inline: content }, isNew: true }
      : await store(context, file, content, found.get(sha256), distrusted, signal);
    places.set(sha256, stored.place);
    if (!stored.isNew) return;
    filesWritten += 1;
    bytesWritten += size;
  });
  return { files: placeAll(draft, places), filesWritten, bytesWritten };
}

async function store(
  context: ObjectStoreContext,
  { sha256, size }: DraftFile,
  content: Uint8Array,
  there: ListedObject | undefined,
  distrusted: ReadonlySet<ObjectId>,
  signal: AbortSignal | undefined,
): Promise<{ place: ManifestFile; isNew: boolean }> {
  const bytes = await compress(content);
  const usable = there === undefined || (isYoung(context, there) && !distrusted.has(sha256));
  const object = usable ? sha256 : `${sha256}.${randomBytes(4).toString('hex')}`;
  // Another size: cut off once, or made by another version of zlib. Either way the right bytes do no harm.
  const isNew = !usable || there?.size !== bytes.length;
  if (isNew) await putObject(context, object, bytes, signal);
  return { place: { sha256, size, object }, isNew };
}

/** @param bytes compressed */
export async function putObject(
  { bucket, keys }: ObjectStoreContext,
  id: ObjectId,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  await bucket.put(keys.object(id), bytes, { rarelyRead: true }, signal);
}

/** The objects of these files that are in the store, by hash. */
async function lookUp(
  { bucket, keys }: ObjectStoreContext,
  files: readonly (readonly [path: string, file: DraftFile])[],
  signal: AbortSignal | undefined,
): Promise<Map<string, ListedObject>> {
  const found = new Map<string, ListedObject>();
  if (files.length > MAX_HEADS) {
    const wanted = new Set(files.map(([, file]) => file.sha256));
    for await (const { objects } of bucket.list(keys.objects, undefined, signal)) {
      for (const object of objects) {
        const id = parseObjectKey(keys, object.key);
        if (id !== null && wanted.has(id)) found.set(id, object);
      }
    }
    return found;
  }
  const head = ([, { sha256 }]: readonly [string, DraftFile]): Promise<ListedObject | null> =>
    bucket.head(keys.object(sha256), signal);
  for await (const object of mapParallel(files, bucket.concurrency, head)) {
    const id = object && parseObjectKey(keys, object.key);
    if (id) found.set(id, object);
  }
  return found;
}

function isYoung({ bucket, graceMs }: ObjectStoreContext, { lastModified }: ListedObject): boolean {
  return bucket.serverTime().now - lastModified < graceMs / 2;
}

function isInline({ inline }: ObjectStoreContext, path: string, { size }: DraftFile): boolean {
  if (!inline) return false;
  return size <= (path.includes('/') ? INLINE_BYTES : INLINE_BYTES_AT_TOP);
}

function placeAll(draft: SnapshotDraft, places: ReadonlyMap<string, ManifestFile>): Map<string, ManifestFile> {
  const files = new Map<string, ManifestFile>();
  for (const [path, { sha256 }] of draft.files) {
    const place = places.get(sha256);
    if (place === undefined) throw new RangeError(`${path} was not stored`);
    files.set(path, place);
  }
  return files;
}
