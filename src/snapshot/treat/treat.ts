import type { Kind } from '../../resources/kinds.ts';
import type { Collected } from '../collect/collect.ts';
import type { SnapshotHeader } from '../header.ts';
import { partOf } from '../paths.ts';
import { openScanner } from '../secrets/scan.ts';
import type { SnapshotFiles } from '../snapshot-files.ts';
import { Spool, type SpooledFile } from '../../lib/spool.ts';
import type { SecretFinding } from './finding.ts';
import { changesBytes, type TreatmentPolicy } from './policy.ts';
import { concerns, mayHoldSecrets, treatFile } from './treat-file.ts';
import type { FileTreatment } from './treatment.ts';
import { withheldBy, withholding } from './withheld.ts';

/** What one store gets of what was read. Dispose it after the store has it; what was read is disposed of by itself. */
export interface Treated extends Collected {
  /** What was found and redacted, by path; empty unless the policy is to redact. */
  readonly redacted: FindingsByPath;
}

export type FindingsByPath = ReadonlyMap<string, readonly SecretFinding[]>;

/** A store's newest snapshot, and which of the paths that were read have the same bytes there. */
export interface Before {
  readonly files: SnapshotFiles;
  readonly header: SnapshotHeader;
  readonly unchanged: ReadonlySet<string>;
}

/**
 * Makes of what was read what a store gets: with its policy's markers, without what it leaves out. Where the policy
 * leaves all as it is, nothing is read. `unchanged` of the result says what the store's newest snapshot has already.
 * @param folder an existing folder for temporary files
 */
export async function treat(
  collected: Collected,
  policy: TreatmentPolicy,
  before: Before | null,
  folder: string,
): Promise<Treated> {
  const same = before?.unchanged ?? new Set<string>();
  if (!changesBytes(policy))
    return { ...collected, unchanged: same, redacted: new Map(), [Symbol.dispose]: () => undefined };
  const spool = new Spool(folder);
  try {
    const { redacted, unchanged } = await treatFiles(collected, policy, before, spool);
    const files = new Map<string, SpooledFile>([...collected.files, ...spool.files]);
    const header = withholding(collected.header, policy);
    const { names, kept } = collected;
    return {
      header,
      files,
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

async function treatFiles(
  { files, names }: Collected,
  policy: TreatmentPolicy,
  before: Before | null,
  spool: Spool,
): Promise<Pick<Treated, 'redacted' | 'unchanged'>> {
  const unchanged = new Set(before?.unchanged);
  const redacted = new Map<string, readonly SecretFinding[]>();
  const treatment = await treatmentOf(policy, names);
  for (const [path, file] of files) {
    // What the store has as it was read was clean when it got it under this policy, and is so now.
    if (!concerns(treatment, path) || (unchanged.has(path) && wasTreated(before, policy, path))) continue;
    const { content, findings } = await treatFile(treatment, path, await file.read());
    if (findings.length > 0) redacted.set(path, findings);
    if (!content) continue;
    spool.write(path, content);
    if (before?.files.matches(path, content)) unchanged.add(path);
    else unchanged.delete(path);
  }
  return { redacted, unchanged };
}

async function treatmentOf(
  policy: TreatmentPolicy,
  names: ReadonlyMap<string, string>,
): Promise<FileTreatment> {
  return {
    scanner: policy.secrets === 'redact' ? await openScanner() : null,
    redact: policy.secrets === 'redact',
    dropPinData: policy.pinData === 'drop',
    omitValues: policy.variableValues === 'omit',
    nameOf: (path) => names.get(path),
  };
}

/** Whether a snapshot was saved with all that the policy keeps out of this file. */
function wasTreated(before: Before | null, policy: TreatmentPolicy, path: string): boolean {
  const part = partOf(path);
  if (!before || part === null) return false;
  const kind: Kind = part === 'workflow-state' ? 'workflows' : part;
  const withheld = before.header.kinds[kind]?.withheld ?? [];
  return withheldBy(policy, kind).every((what) => withheld.includes(what));
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
  const treatment = { scanner, redact: false, dropPinData: false, omitValues: false, nameOf };
  for (const [path, file] of wanted) {
    const { findings } = await treatFile(treatment, path, await file.read());
    if (findings.length > 0) found.set(path, findings);
  }
  return found;
}
