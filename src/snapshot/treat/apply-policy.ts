// Applies a store's policy: what it gets of what was read, with secrets, pinned data and values kept out, and
// the way back for a restore.

import type { Collected } from '../collect/collect.ts';
import { kindOf, partOf } from '../format/paths.ts';
import { openScanner } from '../secrets/scan.ts';
import { liveView, type SnapshotView } from '../format/snapshot-view.ts';
import type { OpenSpool, Spool, SpooledFile } from '../../lib/spool.ts';
import type { SecretFinding } from './finding.ts';
import { changesBytes, type StorePolicy } from './policy.ts';
import { concerns, mayHoldSecrets, applyToFile } from './apply-to-file.ts';
import type { FilePolicy } from './file-policy.ts';
import { omittedBy, withOmissions } from './omitted.ts';

/** What one store gets of what was read. Dispose it after the store has it; what was read is disposed of by itself. */
export interface StoreView extends Collected {
  /** What was found and redacted, by path; empty unless the policy is to redact. */
  readonly redacted: FindingsByPath;
}

export type FindingsByPath = ReadonlyMap<string, readonly SecretFinding[]>;

/** A store's newest snapshot, and which of the paths that were read have the same bytes there. */
export interface Before {
  readonly snapshot: SnapshotView;
  readonly unchanged: ReadonlySet<string>;
}

/**
 * Makes of what was read what a store gets: with its policy's markers, without what it leaves out. Where the policy
 * leaves all as it is, nothing is read. `unchanged` of the result says what the store's newest snapshot has already.
 */
export async function applyPolicy(
  collected: Collected,
  policy: StorePolicy,
  before: Before | null,
  openSpool: OpenSpool,
): Promise<StoreView> {
  const same = before?.unchanged ?? new Set<string>();
  if (!changesBytes(policy))
    return { ...collected, unchanged: same, redacted: new Map(), [Symbol.dispose]: () => undefined };
  const spool = openSpool();
  try {
    const { redacted, unchanged } = await applyToFiles(collected, policy, before, spool);
    const files = new Map<string, SpooledFile>([...collected.files, ...spool.files]);
    const header = withOmissions(collected.header, policy);
    const { names, kept } = collected;
    return {
      ...liveView(header, files, collected.takenAt),
      names,
      unchanged,
      kept,
      redacted,
      [Symbol.dispose]: () => spool[Symbol.dispose](),
    };
  } catch (error) {
    spool[Symbol.dispose]();
    throw error;
  }
}

async function applyToFiles(
  { files, names }: Collected,
  policy: StorePolicy,
  before: Before | null,
  spool: Spool,
): Promise<Pick<StoreView, 'redacted' | 'unchanged'>> {
  const unchanged = new Set(before?.unchanged);
  const redacted = new Map<string, readonly SecretFinding[]>();
  const filePolicy = await filePolicyOf(policy, names);
  for (const [path, file] of files) {
    // What the store has as it was read was clean when it got it under this policy, and is so now.
    if (!concerns(filePolicy, path) || (unchanged.has(path) && hadPolicyApplied(before, policy, path)))
      continue;
    const { content, findings } = await applyToFile(filePolicy, path, await file.read());
    if (findings.length > 0) redacted.set(path, findings);
    if (!content) continue;
    spool.write(path, content);
    if (before?.snapshot.matches(path, content)) unchanged.add(path);
    else unchanged.delete(path);
  }
  return { redacted, unchanged };
}

async function filePolicyOf(policy: StorePolicy, names: ReadonlyMap<string, string>): Promise<FilePolicy> {
  return {
    scanner: policy.secrets === 'redact' ? await openScanner() : null,
    redact: policy.secrets === 'redact',
    dropPinData: policy.pinData === 'drop',
    omitValues: policy.variableValues === 'omit',
    nameOf: (path) => names.get(path),
  };
}

/** Whether a snapshot was saved with all that the policy keeps out of this file. */
function hadPolicyApplied(before: Before | null, policy: StorePolicy, path: string): boolean {
  const part = partOf(path);
  if (!before || part === null) return false;
  const kind = kindOf(part);
  const omitted = before.snapshot.header.kinds[kind]?.withheld ?? [];
  return omittedBy(policy, kind).every((what) => omitted.includes(what));
}

/** The secrets in files, by path; `needsLook` says which of them have to be looked into. Nothing is changed. */
export async function findSecrets(
  { files, names }: Pick<Collected, 'files' | 'names'>,
  needsLook: (path: string, file: SpooledFile) => boolean,
): Promise<FindingsByPath> {
  const found = new Map<string, readonly SecretFinding[]>();
  const wanted = [...files].filter(([path, file]) => mayHoldSecrets(path) && needsLook(path, file));
  // Loading the scanner takes longer than all else that there is to do then.
  if (wanted.length === 0) return found;
  const scanner = await openScanner();
  const nameOf = (path: string): string | undefined => names.get(path);
  const filePolicy = { scanner, redact: false, dropPinData: false, omitValues: false, nameOf };
  for (const [path, file] of wanted) {
    const { findings } = await applyToFile(filePolicy, path, await file.read());
    if (findings.length > 0) found.set(path, findings);
  }
  return found;
}
