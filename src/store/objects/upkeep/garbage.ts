import { InterruptedError, messageOf, throwIfAborted } from '../../../lib/errors.ts';
import { isStoreError } from '../../errors.ts';
import type { GarbageOptions, GarbageReport } from '../../upkeep.ts';
import type { ListedObject } from '../bucket.ts';
import type { ObjectStoreContext } from '../context.ts';
import { parseDamagedMarker, parseManifestKey, parseObjectKey, type ObjectId } from '../keys.ts';
import type { Manifest } from '../manifest.ts';
import type { Manifests } from '../listing/manifests.ts';
import { mapParallel } from '../parallel.ts';

type Candidate = ListedObject & { readonly id: ObjectId };

/**
 * Removes objects that no manifest names. Why a save at the same moment loses nothing:
 * - what it uploads is younger than the grace time, under a name that no collection has listed as garbage;
 * - what it reuses is named by a manifest that it has read, and that counts for the grace time after its removal
 *   (its copy in `removed/`), or is younger than half of the grace time; and a save takes less than half of it;
 * - the manifests are listed after the objects, right before anything is deleted.
 */
export async function collectGarbage(
  context: ObjectStoreContext,
  manifests: Manifests,
  options: GarbageOptions = {},
): Promise<GarbageReport> {
  const { signal, dryRun = false } = options;
  const objects = await listObjects(context, signal);
  const youngest = (options.now ?? context.bucket.serverTime().now) - (options.graceMs ?? context.graceMs);
  const named = await namedObjects(context, manifests, youngest, signal);
  const unnamed = objects.filter(({ id }) => !named.has(id));
  const garbage = unnamed.filter(({ lastModified }) => lastModified < youngest);
  const outcome = dryRun ? pretend(garbage) : await removeAll(context, garbage, signal);
  if (!dryRun) await tidy(context, objects, garbage, youngest, signal);
  return {
    examined: objects.length,
    unnamed: unnamed.length,
    tooYoung: unnamed.length - garbage.length,
    ...outcome,
  };
}

async function listObjects({ bucket, keys }: ObjectStoreContext, signal?: AbortSignal): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for await (const { objects } of bucket.list(keys.objects, undefined, signal)) {
    for (const object of objects) {
      const id = parseObjectKey(keys, object.key);
      if (id !== null) found.push({ ...object, id });
    }
  }
  return found;
}

/** Every object that a snapshot names, or that one removed after `youngest` did. */
async function namedObjects(
  context: ObjectStoreContext,
  manifests: Manifests,
  youngest: number,
  signal?: AbortSignal,
): Promise<Set<ObjectId>> {
  const listed = await manifests.list(undefined, signal);
  // Listed second: a snapshot that is removed meanwhile is in one of the two.
  const removed = (await listRemoved(context, signal)).filter(({ lastModified }) => lastModified >= youngest);
  const reads = [
    ...listed.map(
      ({ instance, id }) =>
        async (): Promise<Manifest | null> =>
          (await manifests.read(instance, id, signal)) ?? manifests.readRemoved(instance, id, signal),
    ),
    ...removed.map(
      ({ instance, id }) =>
        () =>
          manifests.readRemoved(instance, id, signal),
    ),
  ];
  const named = new Set<ObjectId>();
  for await (const manifest of mapParallel(reads, context.bucket.concurrency, (read) => read())) {
    for (const file of manifest?.files.values() ?? []) if ('object' in file) named.add(file.object);
  }
  return named;
}

type ListedRemoval = ListedObject & { readonly instance: string; readonly id: string };

async function listRemoved({ bucket, keys }: ObjectStoreContext, signal?: AbortSignal): Promise<ListedRemoval[]> {
  const found: ListedRemoval[] = [];
  for await (const { objects } of bucket.list(keys.removed, undefined, signal)) {
    for (const object of objects) {
      const named = parseManifestKey(object.key, keys.removed);
      if (named) found.push({ ...object, ...named });
    }
  }
  return found;
}

type Outcome = Pick<GarbageReport, 'removed' | 'removedBytes' | 'failed' | 'warnings'>;

function pretend(garbage: readonly Candidate[]): Outcome {
  const removedBytes = garbage.reduce((sum, { size }) => sum + size, 0);
  return { removed: garbage.length, removedBytes, failed: [], warnings: [] };
}

/** One request for each: the request for many at once is not known to every server, and hides its failures. */
async function removeAll(
  { bucket }: ObjectStoreContext,
  garbage: readonly Candidate[],
  signal?: AbortSignal,
): Promise<Outcome> {
  const failed: { object: string; reason: string }[] = [];
  let removed = 0;
  let removedBytes = 0;
  let keptVersions = 0;
  const remove = async ({ key, id, size }: Candidate): Promise<void> => {
    throwIfAborted(signal);
    try {
      if (await bucket.delete(key, undefined, signal)) keptVersions += 1;
      removed += 1;
      removedBytes += size;
    } catch (error) {
      // A key that policy or a lock protects must not keep the others from going; a server that is gone stops it all.
      if (error instanceof InterruptedError || isStoreError(error, 'unreachable')) throw error;
      failed.push({ object: id, reason: messageOf(error) });
    }
  };
  const removals = mapParallel(garbage, bucket.concurrency, remove);
  while (!(await removals.next()).done);
  const warnings =
    keptVersions === 0
      ? []
      : [
          `the bucket keeps ${keptVersions} removed objects as older versions: their space is freed ` +
            'by a lifecycle rule of the bucket for noncurrent versions',
        ];
  return { removed, removedBytes, failed, warnings };
}

/** Copies of manifests that protect nothing any more, and marks of damaged objects that are gone. */
async function tidy(
  context: ObjectStoreContext,
  objects: readonly Candidate[],
  garbage: readonly Candidate[],
  youngest: number,
  signal?: AbortSignal,
): Promise<void> {
  const { bucket, keys } = context;
  for (const { key, lastModified } of await listRemoved(context, signal)) {
    if (lastModified < youngest) await bucket.delete(key, undefined, signal);
  }
  const gone = new Set(garbage.map(({ id }) => id));
  for await (const page of bucket.list(keys.damaged, undefined, signal)) {
    for (const { key } of page.objects) {
      const id = parseDamagedMarker(keys, key);
      if (id !== null && gone.has(id)) await bucket.delete(key, undefined, signal);
    }
  }
}
