// Prune: applies the retention policy to the snapshots of a store and removes unused objects.
// store/retention.ts decides; this room removes and reports.

import { FlowkeepError, InterruptedError } from '../../lib/errors.ts';
import type { Progress } from '../../lib/progress.ts';
import type { Clock } from '../../lib/time.ts';
import { isStoreError } from '../../store/errors.ts';
import { planRetention, type RetentionDecision, type RetentionPolicy } from '../../store/retention.ts';
import type { SnapshotInfo, Store } from '../../store/store.ts';
import { emptyStore, signsOfLoss } from '../snapshots/empty-store.ts';
import { collectsGarbage, type GarbageReport } from '../../store/upkeep.ts';

/** A store, and the instances whose snapshots in it are looked at. */
export interface PruneTarget {
  readonly store: Store;
  /** null: nothing is ever removed. */
  readonly policy: RetentionPolicy | null;
  readonly instances: readonly {
    readonly name: string;
    /** IANA name: when its days and weeks begin. */
    readonly timezone: string;
  }[];
}

export interface PruneOptions {
  readonly targets: readonly PruneTarget[];
  /** Only tells what would go. */
  readonly dryRun: boolean;
  readonly clock: Pick<Clock, 'now'>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A snapshot that was to go and could not be removed. */
export interface FailedRemoval {
  readonly info: SnapshotInfo;
  readonly error: unknown;
}

/**
 * What became of one store's snapshots. `history`: old snapshots are the history itself (git); `no-policy`: none is
 * configured; in both cases nothing was changed.
 */
export type StorePruning =
  | {
      readonly store: string;
      readonly location: string;
      readonly status: 'history' | 'no-policy';
    }
  | {
      readonly store: string;
      readonly location: string;
      readonly status: 'planned' | 'pruned' | 'partial';
      /** Names of the instances of which the store lists no snapshot: of these there was nothing to prune. */
      readonly empty: readonly string[];
      /** Every snapshot with the reasons that keep it, newest first; without a reason it is removed. */
      readonly decisions: readonly RetentionDecision[];
      readonly removed: readonly SnapshotInfo[];
      readonly failed: readonly FailedRemoval[];
      /**
       * null where the store leaves nothing behind. With `dryRun`: what is garbage now, before any snapshot is
       * removed.
       */
      readonly garbage: GarbageReport | null;
      /** Why nothing could be said of garbage, such as a manifest that cannot be read; then none was removed. */
      readonly garbageError: unknown;
    }
  | {
      readonly store: string;
      readonly location: string;
      readonly status: 'failed';
      readonly error: unknown;
    };

export interface PruneReport {
  readonly dryRun: boolean;
  readonly stores: readonly StorePruning[];
}

/**
 * Applies the retention policy of each store: removes the snapshots that no rule keeps, then what no snapshot needs any
 * more. What cannot be removed is reported, and does not keep the rest from going; one failing store does not stop the
 * others.
 * @throws InterruptedError
 */
export async function prune(options: PruneOptions): Promise<PruneReport> {
  const stores: StorePruning[] = [];
  for (const target of options.targets) {
    const where = { store: target.store.name, location: target.store.location };
    try {
      stores.push({ ...where, ...(await pruneStore(options, target)) });
    } catch (error) {
      if (options.signal.aborted || !(error instanceof FlowkeepError)) throw error;
      stores.push({ ...where, status: 'failed', error });
    } finally {
      options.progress.done();
    }
  }
  return { dryRun: options.dryRun, stores };
}

type Pruned = StorePruning extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'store' | 'location'>
    : never
  : never;

async function pruneStore(options: PruneOptions, target: PruneTarget): Promise<Pruned> {
  const { store, policy } = target;
  if (store.retention === 'history') return { status: 'history' };
  if (policy === null) return { status: 'no-policy' };
  const { decisions, empty } = await decide(options, target, policy);
  await requireNoLoss(options, store, empty);
  const going = decisions.filter((decision) => !decision.keep).map(({ info }) => info);
  const { removed, failed } = options.dryRun ? { removed: [], failed: [] } : await removeAll(options, store, going);
  const swept = await sweep(options, store);
  const complete = failed.length === 0 && swept.garbageError === null && (swept.garbage?.failed.length ?? 0) === 0;
  const status = options.dryRun ? 'planned' : complete ? 'pruned' : 'partial';
  return { status, empty, decisions, removed, failed, ...swept };
}

async function decide(
  { clock, signal }: PruneOptions,
  { store, instances }: PruneTarget,
  policy: RetentionPolicy,
): Promise<{ readonly decisions: RetentionDecision[]; readonly empty: readonly string[] }> {
  const decisions: RetentionDecision[] = [];
  const empty: string[] = [];
  for (const { name, timezone } of instances) {
    const listed = await (store.listForRemoval?.(name, signal) ?? store.list(name, signal));
    if (listed.length === 0) empty.push(name);
    decisions.push(...planRetention(listed, policy, clock.now(), timezone));
  }
  return { decisions, empty };
}

/**
 * Where snapshots are gone that nobody removed with flowkeep, what is left of them may be all that can bring them back.
 * @throws FlowkeepError `store-empty`
 */
async function requireNoLoss({ signal }: PruneOptions, store: Store, empty: readonly string[]): Promise<void> {
  for (const instance of empty) {
    const signs = await signsOfLoss(store, instance, [], signal);
    if (signs) throw emptyStore(store, instance, 'nothing was pruned', signs);
  }
}

async function removeAll(
  { progress, signal }: PruneOptions,
  store: Store,
  going: readonly SnapshotInfo[],
): Promise<{ removed: SnapshotInfo[]; failed: FailedRemoval[] }> {
  const removed: SnapshotInfo[] = [];
  const failed: FailedRemoval[] = [];
  progress.start(`Removing snapshots from ${store.name}`, going.length);
  for (const info of going) {
    try {
      await store.remove(info.instance, info.id, signal);
      removed.push(info);
    } catch (error) {
      // A locked snapshot must not keep the others from going; a store that is gone ends it.
      if (error instanceof InterruptedError || isStoreError(error, 'unreachable')) throw error;
      failed.push({ info, error });
    }
    progress.update(removed.length + failed.length);
  }
  return { removed, failed };
}

async function sweep(
  { dryRun, progress, signal }: PruneOptions,
  store: Store,
): Promise<{ garbage: GarbageReport | null; garbageError: unknown }> {
  if (!collectsGarbage(store)) return { garbage: null, garbageError: null };
  progress.start(`Looking for unused objects in ${store.name}`);
  try {
    return { garbage: await store.collectGarbage({ dryRun, signal }), garbageError: null };
  } catch (error) {
    if (!isStoreError(error, 'integrity')) throw error;
    return { garbage: null, garbageError: error };
  }
}
