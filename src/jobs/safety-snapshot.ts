import { sha256 } from '../lib/hash.ts';
import type { Collected } from '../snapshot/collect/collect.ts';
import { findChanges, findShrunk } from '../snapshot/changes.ts';
import { writeHeader } from '../snapshot/header.ts';
import { HEADER_PATH } from '../snapshot/paths.ts';
import { isoSeconds, snapshotId } from '../snapshot/snapshot-id.ts';
import { writeBody, writeSubject } from '../snapshot/subject.ts';
import type { DraftFile, SnapshotFlag, SnapshotInfo, Store } from '../store/store.ts';
import type { Target } from './open-target.ts';

/**
 * Saves what was just read of an instance as a safety snapshot, whether it changed or not.
 * @param base what the reading compared with
 * @param takenAt milliseconds since 1970, when the reading began
 */
export async function saveSafetySnapshot(
  store: Store,
  instance: string,
  collected: Collected,
  base: Target['latest'],
  takenAt: number,
  signal: AbortSignal,
): Promise<SnapshotInfo> {
  const before = base?.header ?? null;
  const changes = findChanges({
    before: base && { paths: base.files.files.keys(), header: base.header },
    after: {
      paths: collected.files.keys(),
      unchanged: collected.unchanged,
      names: collected.names,
      header: collected.header,
    },
  });
  const header = writeHeader(collected.header);
  const files = new Map<string, DraftFile>(collected.files);
  files.set(HEADER_PATH, { size: header.length, sha256: sha256(header), read: async () => header });
  const time = isoSeconds(takenAt);
  const { info } = await store.save(
    {
      info: {
        id: snapshotId(time, header),
        instance,
        takenAt: time,
        format: collected.header.format,
        n8nVersion: collected.header.n8nVersion,
        subject: writeSubject(before, collected.header, changes),
        flags: flagsOf(collected, before),
      },
      body: writeBody(before, collected.header, changes),
      files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    signal,
  );
  return info;
}

function flagsOf(collected: Collected, before: Parameters<typeof findShrunk>[0]): SnapshotFlag[] {
  const failed = Object.values(collected.header.kinds).some(({ coverage }) => coverage === 'failed');
  const shrunk = findShrunk(before, collected.header).length > 0;
  return [...(failed ? (['partial'] as const) : []), ...(shrunk ? (['shrunk'] as const) : []), 'safety'];
}
