import { memoryFile } from '../../lib/spool.ts';
import {
  describeOtherFiles,
  findChanges,
  findShrunk,
  type ItemChange,
} from '../../snapshot/changes/changes.ts';
import type { Collected } from '../../snapshot/collect/collect.ts';
import { digestOf } from '../../snapshot/format/digest.ts';
import { writeHeader, type SnapshotHeader } from '../../snapshot/format/header.ts';
import { HEADER_PATH } from '../../snapshot/format/paths.ts';
import { isoSeconds } from '../../lib/iso-seconds.ts';
import { snapshotId } from '../../snapshot/format/snapshot-id.ts';
import { writeBody, writeSubject, writeWholeSubject } from '../../snapshot/changes/subject.ts';
import type { DraftFile, SnapshotDraft, SnapshotFlag } from '../../store/store.ts';
import { changeDetails } from './change-details.ts';
import { nameRemoved } from './name-removed.ts';
import type { Target } from '../snapshots/open-target.ts';

/** A minute: as far as a quick row of snapshots can run ahead of the clock. */
const MAX_AHEAD_MS = 60_000;

export interface DraftOptions {
  readonly collected: Collected;
  /** The store's newest snapshot, which the subject tells the changes since; null: there is none. */
  readonly before: Target['latest'];
  /** Paths whose bytes `before` has at the same place. */
  readonly unchanged: ReadonlySet<string>;
  /** Milliseconds since 1970, when the reading began. */
  readonly takenAt: number;
  readonly purpose: 'backup' | 'safety';
  /** The store conceals content: what is readable then shows counts only. */
  readonly conceals: boolean;
  /** Stands in the id in place of the digest's digits (`randomLabel`). */
  readonly label: string | null;
}

/** Makes what a store saves of what was read. */
export async function makeDraft(
  options: DraftOptions,
): Promise<{ draft: SnapshotDraft; changes: ItemChange[] }> {
  const { header } = options.collected;
  const { changes, subject, body } = await describe(options);
  const files = filesOf(options.collected);
  const digest = digestOf(files);
  const takenAt = isoSeconds(timeAfter(options.before, options.takenAt));
  const info = {
    id: snapshotId(takenAt, options.label ?? digest),
    instance: header.instance,
    takenAt,
    format: header.format,
    n8nVersion: header.n8nVersion,
    subject,
    flags: flagsOf(options.purpose, options.before?.header ?? null, header),
    digest: options.conceals ? null : digest,
  };
  return { draft: { info, body, files }, changes };
}

interface Description {
  readonly changes: ItemChange[];
  readonly subject: string;
  readonly body: string;
}

/** What changed since the store's newest snapshot, for the report and for the message of the snapshot. */
async function describe(options: DraftOptions): Promise<Description> {
  const { before, collected, conceals } = options;
  const { header } = collected;
  if (before?.needsReencryption) {
    const subject = writeWholeSubject(header, conceals ? 're-encrypted' : 'no longer encrypted');
    return { changes: [], subject, body: writeBody(before.header, header, []) };
  }
  const found = changesSince(options);
  const canRead = before !== null && !before.sealed;
  const changes = canRead ? await nameRemoved(found, before) : found;
  const otherwise = describeOtherFiles(before?.files.keys() ?? [], {
    paths: collected.files.keys(),
    unchanged: options.unchanged,
  });
  const wording = { withoutNames: conceals, otherwise };
  const subject = writeSubject(before?.header ?? null, header, changes, wording);
  if (conceals) return { changes, subject, body: writeBody(before?.header ?? null, header, []) };
  const details = canRead ? await changeDetails(before, collected, changes) : undefined;
  return { changes, subject, body: writeBody(before?.header ?? null, header, changes, details) };
}

/**
 * Snapshots are distinguished and put in order by their second: one that was read within the second of the store's
 * newest gets the next second. A clock that is further behind than that is wrong, and is not hidden.
 */
function timeAfter(before: Target['latest'], takenAt: number): number {
  if (!before) return takenAt;
  const newest = Date.parse(before.takenAt);
  const ahead = newest - Math.floor(takenAt / 1000) * 1000;
  return ahead >= 0 && ahead <= MAX_AHEAD_MS ? newest + 1000 : takenAt;
}

function changesSince({ before, collected, unchanged }: DraftOptions): ItemChange[] {
  return findChanges({
    before: before && { paths: before.files.keys(), header: before.header },
    after: { paths: collected.files.keys(), unchanged, names: collected.names, header: collected.header },
  });
}

/** Every file of the snapshot, in path order. */
export function filesOf(collected: Collected): Map<string, DraftFile> {
  const files = new Map<string, DraftFile>(collected.files);
  files.set(HEADER_PATH, memoryFile(writeHeader(collected.header)));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Which of the files that were read a snapshot has, byte by byte, at the same place. */
export async function unchangedSince(
  before: Target['latest'],
  collected: Collected,
): Promise<ReadonlySet<string>> {
  const unchanged = new Set<string>();
  if (!before) return unchanged;
  for (const [path, file] of collected.files) {
    if (before.matches(path, await file.read())) unchanged.add(path);
  }
  return unchanged;
}

function flagsOf(
  purpose: DraftOptions['purpose'],
  before: SnapshotHeader | null,
  header: SnapshotHeader,
): SnapshotFlag[] {
  const flags: SnapshotFlag[] = [];
  if (Object.values(header.kinds).some((kind) => kind.coverage === 'failed')) flags.push('partial');
  if (findShrunk(before, header).length > 0) flags.push('shrunk');
  if (purpose === 'safety') flags.push('safety');
  return flags;
}
