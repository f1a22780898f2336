// Applies a store's policy: what it gets of what was read, with secrets, pinned data and values kept out, and
// the way back for a restore.

import type { Collected } from '../collect/collect.ts';
import { formOf, type TextForm } from '../format/header.ts';
import { kindOf, partOf } from '../format/paths.ts';
import { mayHoldMarker } from '../secrets/marker.ts';
import { openScanner } from '../secrets/scan.ts';
import { liveView, type SnapshotView } from '../format/snapshot-view.ts';
import type { OpenSpool, Spool, SpooledFile } from '../../lib/spool.ts';
import type { SecretFinding } from './finding.ts';
import { changesBytes, lookingPolicy, type FilePolicy, type StorePolicy } from './policy.ts';
import { concerns, mayHoldSecrets, applyToFile } from './apply-to-file.ts';
import { omittedBy, withOmissions } from './omitted.ts';

/**
 * What one store gets of what was read, compared with the newest snapshot that the store has. Dispose it after the
 * store has it; what was read is disposed of by itself.
 */
export type StoreView<Read extends Collected = Collected> = Read & {
  /** What was found and redacted, by path; empty unless the policy is to redact. */
  readonly redacted: FindingsByPath;
};

export type FindingsByPath = ReadonlyMap<string, readonly SecretFinding[]>;

/**
 * Makes of what was read what a store gets: with its policy's markers, without what it leaves out. Where the policy
 * leaves all as it is, nothing is read.
 * @param latest the store's newest snapshot, or null: what the result is compared with
 */
export async function applyPolicy<Read extends Collected>(
  collected: Read,
  policy: StorePolicy,
  latest: SnapshotView | null,
  openSpool: OpenSpool,
  signal?: AbortSignal,
): Promise<StoreView<Read>> {
  // A store's latest snapshot need not be the one that the reading was compared with.
  const unchanged = latest === collected.base ? collected.unchanged : await unchangedSince(latest, collected);
  const compared = { ...collected, base: latest, unchanged };
  if (!changesBytes(policy)) return { ...compared, redacted: new Map(), [Symbol.dispose]: () => undefined };
  const spool = openSpool();
  try {
    const applied = await applyToFiles(compared, policy, spool, signal);
    const files = new Map<string, SpooledFile>([...collected.files, ...spool.files]);
    const header = withOmissions(collected.header, policy);
    return {
      ...compared,
      ...liveView(header, files, collected.takenAt),
      ...applied,
      [Symbol.dispose]: () => spool[Symbol.dispose](),
    };
  } catch (error) {
    spool[Symbol.dispose]();
    throw error;
  }
}

/** Which of the files that were read a snapshot has, byte by byte, at the same place. */
export async function unchangedSince(
  before: SnapshotView | null,
  { files }: Pick<Collected, 'files'>,
): Promise<Set<string>> {
  const unchanged = new Set<string>();
  if (!before) return unchanged;
  for (const [path, file] of files) if (before.matches(path, await file.read())) unchanged.add(path);
  return unchanged;
}

async function applyToFiles(
  collected: Collected,
  policy: StorePolicy,
  spool: Spool,
  signal: AbortSignal | undefined,
): Promise<Pick<StoreView, 'redacted' | 'unchanged'>> {
  const { files, base } = collected;
  const unchanged = new Set(collected.unchanged);
  const redacted = new Map<string, readonly SecretFinding[]>();
  const filePolicy = filePolicyOf(policy, collected, signal);
  for (const [path, file] of files) {
    if (!concerns(filePolicy, path) || isDone(collected, filePolicy, path)) continue;
    const raw = await file.read();
    const { content, findings } = await applyToFile(filePolicy, path, raw);
    if (findings.length > 0) redacted.set(path, findings);
    if (!content) continue;
    spool.write(path, content);
    if (base?.matches(path, content) || (await hasWithoutEscapes(base, filePolicy, path, raw))) unchanged.add(path);
    else unchanged.delete(path);
  }
  return { redacted, unchanged };
}

function filePolicyOf(policy: StorePolicy, { names, header }: Collected, signal?: AbortSignal): FilePolicy {
  return {
    ...policy,
    scanner: policy.secrets === 'redact' ? openScanner(signal) : null,
    nameOf: (path) => names.get(path),
    isPlain: (path) => formIn(header, path) === 'plain',
  };
}

/**
 * Whether a store has a file as it is to get it. What it has as it was read had no finding when it was saved, and is not
 * looked into again: what was saved under an exception stays until its item changes.
 */
function isDone({ base, unchanged, kept, marked }: Collected, policy: FilePolicy, path: string): boolean {
  if (!unchanged.has(path) || !hadPolicyApplied(base, policy, path)) return false;
  if (policy.secrets !== 'redact' || kept.has(path) || !policy.isPlain(path)) return true;
  // The same bytes say something else where a marker in them was put there by flowkeep and is typed now.
  return !marked.has(path);
}

/** Whether a snapshot has a file as a version of flowkeep saved it that did not escape: that is no change of n8n's. */
async function hasWithoutEscapes(
  before: SnapshotView | null,
  policy: FilePolicy,
  path: string,
  raw: Uint8Array,
): Promise<boolean> {
  if (!before || formIn(before.header, path) !== 'marked' || !mayHoldMarker(raw)) return false;
  const { content } = await applyToFile({ ...policy, isPlain: () => false }, path, raw);
  return before.matches(path, content ?? raw);
}

/** How the texts of a file are to be read. */
function formIn({ kinds }: SnapshotView['header'], path: string): TextForm {
  const part = partOf(path);
  return part === null ? 'plain' : formOf(kinds[kindOf(part)]);
}

/** Whether a snapshot was saved with all that the policy keeps out of this file. */
function hadPolicyApplied(before: SnapshotView | null, policy: StorePolicy, path: string): boolean {
  const part = partOf(path);
  if (!before || part === null) return false;
  const kind = kindOf(part);
  const omitted = before.header.kinds[kind]?.withheld ?? [];
  return omittedBy(policy, kind).every((what) => omitted.includes(what));
}

/**
 * The secrets in files, but for the exceptions, by path; `needsLook` says which of them have to be looked into. Nothing
 * is changed.
 */
export async function findSecrets(
  { files, names }: Pick<Collected, 'files' | 'names'>,
  exceptions: StorePolicy['secretExceptions'],
  needsLook: (path: string, file: SpooledFile) => boolean,
  signal?: AbortSignal,
): Promise<FindingsByPath> {
  const found = new Map<string, readonly SecretFinding[]>();
  const wanted = [...files].filter(([path, file]) => mayHoldSecrets(path) && needsLook(path, file));
  const filePolicy = lookingPolicy(openScanner(signal), exceptions, (path) => names.get(path));
  for (const [path, file] of wanted) {
    const { findings } = await applyToFile(filePolicy, path, await file.read());
    if (findings.length > 0) found.set(path, findings);
  }
  return found;
}
