// Verify: reads what is stored again and checks every hash, file and reference. It reports damage and marks
// it for repair; it never changes a snapshot.

import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import type { Progress } from '../../lib/progress.ts';
import type { Clock } from '../../lib/time.ts';
import { StoreError } from '../../store/errors.ts';
import type { SnapshotInfo } from '../../store/store.ts';
import { repairs } from '../../store/upkeep.ts';
import { neighboursOf } from '../snapshots/find-edited.ts';
import { checkSnapshot, type CheckContext } from './check-snapshot.ts';
import { chooseSnapshots, type Choice, type ChooseOptions } from './choose-snapshots.ts';
import {
  Findings,
  type Damage,
  type DanglingReference,
  type UnauthenticatedSnapshot,
  type UnreadSnapshot,
} from './findings.ts';
import { ObjectReader } from './object-cache.ts';

export interface VerifyOptions extends ChooseOptions {
  /** Which part of the stored files is read, above 0 and up to 1. Those that say what there is are always read. */
  readonly share: number;
  readonly clock: Pick<Clock, 'now' | 'random'>;
  readonly progress: Progress;
}

/** What was found in one store. */
export type StoreVerification = VerifiedStore | UnverifiedStore;

/** A store in which something was looked for. */
export interface VerifiedStore {
  readonly store: string;
  readonly location: string;
  /**
   * `unauthenticated`: nothing is damaged, and of some snapshot nothing proves that flowkeep saved it. `absent`: the
   * store does not hold the snapshot that was asked for.
   */
  readonly status: 'intact' | 'damaged' | 'unauthenticated' | 'absent';
  /** Ids of the snapshots that were checked, newest first. */
  readonly snapshots: readonly string[];
  /** Stored files that were read, each once, and their bytes before compression. */
  readonly filesRead: number;
  readonly bytesRead: number;
  /** Files that the sample left out. */
  readonly filesSkipped: number;
  /** Encrypted snapshots that no identity opened: only their stored bytes were checked. */
  readonly unread: readonly UnreadSnapshot[];
  readonly unauthenticated: readonly UnauthenticatedSnapshot[];
  /** What the store's settings leave open: see Store. */
  readonly weakness?: string;
  readonly damage: readonly Damage[];
  readonly dangling: readonly DanglingReference[];
  readonly warnings: readonly string[];
  /** Regular snapshots that other stores of the instance hold and this one does not. */
  readonly lacks: number;
}

export interface UnverifiedStore {
  readonly store: string;
  readonly location: string;
  /** `empty`: it answers, and holds no snapshot of the instance: nothing was verified, and that is no success. */
  readonly status: 'failed' | 'empty';
  readonly error: unknown;
}

export interface VerifyReport {
  readonly instance: string;
  readonly stores: readonly StoreVerification[];
  readonly durationMs: number;
}

/**
 * Re-reads what is stored and checks every hash, the format and every reference. Damage is reported, never thrown; it
 * is marked in stores that can be repaired, so that the next backup uploads it again. A store that cannot be reached,
 * or holds nothing, does not stop the others.
 * @throws UsageError where no store holds the snapshot; the first store's error where every store fails
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const started = options.clock.now();
  const chosen = await chooseSnapshots(options);
  const stores: StoreVerification[] = [];
  for (const choice of chosen) stores.push(await verifyStore(options, choice));
  const failures = stores.flatMap((each) => (each.status === 'failed' ? [each.error] : []));
  if (failures.length === stores.length && failures.length > 0) throw failures[0];
  return { instance: options.instance, stores, durationMs: options.clock.now() - started };
}

async function verifyStore(options: VerifyOptions, choice: Choice): Promise<StoreVerification> {
  const { store, listed, chosen, lacks } = choice;
  const where = { store: store.name, location: store.location };
  if (choice.error !== undefined) return { ...where, status: 'failed', error: choice.error };
  if (choice.empty !== undefined) return { ...where, status: 'empty', error: choice.empty };
  try {
    const reader = new ObjectReader({ share: options.share, random: () => options.clock.random() }, options.signal);
    const findings = new Findings();
    const context: CheckContext = { ...options, store, reader, findings };
    const snapshots: string[] = [];
    for (const info of chosen)
      if (await checkSnapshot(context, info, neighboursOf(info, listed))) snapshots.push(info.id);
    const warnings = [...choice.warnings, ...(await followDamage(context, snapshots))];
    const { damage, dangling, unread, unauthenticated } = findings;
    return {
      ...where,
      status: statusOf(findings, snapshots),
      snapshots,
      filesRead: reader.counts.read,
      bytesRead: reader.counts.bytes,
      filesSkipped: reader.counts.skipped,
      unread,
      unauthenticated,
      ...(store.weakness === undefined ? {} : { weakness: store.weakness }),
      damage,
      dangling,
      warnings,
      lacks,
    };
  } catch (error) {
    if (options.signal.aborted || !(error instanceof FlowkeepError)) throw error;
    return { ...where, status: 'failed', error };
  }
}

function statusOf({ damage, unauthenticated }: Findings, snapshots: readonly string[]): VerifiedStore['status'] {
  if (damage.length > 0) return 'damaged';
  if (unauthenticated.length > 0) return 'unauthenticated';
  return snapshots.length > 0 ? 'intact' : 'absent';
}

/** Finds what else the damaged objects affect, and marks them for repair. @returns warnings */
async function followDamage(context: CheckContext, checked: readonly string[]): Promise<string[]> {
  const { store, findings, signal } = context;
  const objects = findings.objects;
  if (objects.size === 0) return [];
  for (const info of await store.list(undefined, signal)) {
    if (!checked.includes(info.id)) await findAffected(context, info, objects);
  }
  if (!repairs(store)) return [];
  try {
    await store.markDamaged(objects, signal);
    return [];
  } catch (error) {
    // Verifying with a key that may only read is fine; only healing then needs another run.
    if (!(error instanceof StoreError)) throw error;
    return [`the damaged objects could not be marked, so no backup will repair them: ${messageOf(error)}`];
  }
}

async function findAffected(
  { store, findings, signal }: CheckContext,
  info: SnapshotInfo,
  objects: ReadonlySet<string>,
): Promise<void> {
  try {
    const snapshot = await store.open(info.instance, info.id, signal);
    for (const path of snapshot.files.keys()) {
      const object = snapshot.objectOf?.(path);
      if (object !== undefined && objects.has(object)) findings.addAffected(info, path, object);
    }
  } catch (error) {
    // One that cannot be opened is for its own verification to report.
    if (!(error instanceof StoreError) || signal.aborted) throw error;
  }
}
