import { memoryFile } from '../../lib/spool.ts';
import { describeOtherFiles, findChanges, findShrunk, type ItemChange } from '../../snapshot/changes/changes.ts';
import type { Collected } from '../../snapshot/collect/collect.ts';
import { digestOf } from '../../lib/hash.ts';
import { writeHeader, type SnapshotHeader } from '../../snapshot/format/header.ts';
import { HEADER_PATH } from '../../snapshot/format/paths.ts';
import { isoSeconds } from '../../lib/time.ts';
import { snapshotId } from '../../snapshot/format/snapshot-id.ts';
import { writeBody, writeSubject, writeWholeSubject } from '../../snapshot/changes/subject.ts';
import { isInFuture } from '../../store/plausible-time.ts';
import type { DraftFile, SnapshotDraft, SnapshotFlag } from '../../store/store.ts';
import { changeDetails } from './change-details.ts';
import { nameRemoved } from './name-removed.ts';

export interface DraftOptions {
  readonly purpose: 'backup' | 'safety';
  /** The store conceals content: what is readable then shows counts only. */
  readonly conceals: boolean;
  /** Stands in the id in place of the digest's digits (`randomLabel`). */
  readonly label: string | null;
  /** The header that a loss is measured against, where that is not the base's. */
  readonly before?: SnapshotHeader;
  /** Nearly everything was lost and nobody has confirmed it; or somebody said that the state is right as it is. */
  readonly doubt?: 'unconfirmed' | 'confirmed';
  /**
   * When the newest snapshots were taken, of each of the instance's stores: this one is to come after them, and to have
   * the same id in all.
   */
  readonly newest: readonly string[];
}

/** Makes what a store saves of what it gets. The subject tells the changes since the base. */
export async function makeDraft(
  view: Collected,
  options: DraftOptions,
): Promise<{ draft: SnapshotDraft; changes: ItemChange[] }> {
  const { header, base } = view;
  const { conceals, label, newest } = options;
  const { changes, subject, body } = await describe(view, options);
  const files = filesOf(view);
  const digest = digestOf(files);
  const takenAt = isoSeconds(timeAfter(newest, Date.parse(view.takenAt)));
  const info = {
    id: snapshotId(takenAt, label ?? digest),
    instance: header.instance,
    takenAt,
    format: header.format,
    n8nVersion: header.n8nVersion,
    subject,
    flags: flagsOf(options, options.before ?? base?.header ?? null, header),
    digest: conceals ? null : digest,
  };
  return { draft: { info, body, files }, changes };
}

interface Description {
  readonly changes: ItemChange[];
  readonly subject: string;
  readonly body: string;
}

/** What changed since the base, for the report and for the message of the snapshot. */
async function describe(view: Collected, { conceals, doubt }: DraftOptions): Promise<Description> {
  const { base: before, header } = view;
  if (before?.needsReencryption) {
    const subject = writeWholeSubject(header, conceals ? 're-encrypted' : 'no longer encrypted');
    return { changes: [], subject, body: writeBody(before.header, header, []) };
  }
  const found = changesSince(view);
  const canRead = before !== null && !before.sealed;
  const changes = canRead ? await nameRemoved(found, before) : found;
  const others = { paths: view.files.keys(), unchanged: view.unchanged };
  const otherwise =
    doubt === 'confirmed' ? 'confirmed as it is' : describeOtherFiles(before?.files.keys() ?? [], others);
  const wording = { withoutNames: conceals, otherwise };
  const subject = writeSubject(before?.header ?? null, header, changes, wording);
  if (conceals) return { changes, subject, body: writeBody(before?.header ?? null, header, []) };
  const details = canRead ? await changeDetails(before, view, changes) : undefined;
  return { changes, subject, body: writeBody(before?.header ?? null, header, changes, details) };
}

/**
 * Snapshots are distinguished by their second, and times are to rise with the order: where a store's newest is of the
 * same second or later, by no more than two clocks may differ, the new one gets the second after it. A newest that
 * claims more is wrong, or this machine's clock is: then this machine's time stands, and the store keeps the order.
 */
function timeAfter(newest: readonly string[], takenAt: number): number {
  const believed = newest.filter((time) => !isInFuture(time, takenAt)).map((time) => Date.parse(time));
  const last = Math.max(...believed, -Infinity);
  return last >= takenAt ? last + 1000 : takenAt;
}

function changesSince({ base, files, unchanged, names, header }: Collected): ItemChange[] {
  return findChanges({
    before: base && { paths: base.files.keys(), header: base.header },
    after: { paths: files.keys(), unchanged, names, header },
  });
}

/** Every file of the snapshot, in path order. */
export function filesOf(collected: Collected): Map<string, DraftFile> {
  const files = new Map<string, DraftFile>(collected.files);
  files.set(HEADER_PATH, memoryFile(writeHeader(collected.header)));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function flagsOf(
  { purpose, doubt }: DraftOptions,
  before: SnapshotHeader | null,
  header: SnapshotHeader,
): SnapshotFlag[] {
  const flags: SnapshotFlag[] = [];
  if (Object.values(header.kinds).some((kind) => kind.coverage === 'failed')) flags.push('partial');
  if (doubt !== 'confirmed' && findShrunk(before, header).length > 0) flags.push('shrunk');
  if (purpose === 'safety') flags.push('safety');
  if (doubt) flags.push(doubt);
  return flags;
}
