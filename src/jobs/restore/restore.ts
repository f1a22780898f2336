// Restore: read the target, plan, confirm, take a safety snapshot, apply, read back and compare. The plan
// itself and its steps are in `restore/`; here is their order and what the store remembers of a run.

import { ahead } from '../../lib/ahead.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { itemsBefore } from '../../restore/plan/select/adopt.ts';
import { apply, type Applied } from '../../restore/apply/apply.ts';
import { keyOf } from '../../restore/model/items.ts';
import { requireSamePlan } from '../../restore/plan/output/plan-file.ts';
import { conflictsOf } from '../../restore/plan/plan.ts';
import { probeCapabilities } from '../../restore/target/probe.ts';
import { NOT_HELD, withoutReadBack, type ItemResult } from '../../restore/apply/results.ts';
import { readSnapshotModel } from '../../restore/model/snapshot-model.ts';
import type { Plan } from '../../restore/plan/types.ts';
import type { Collected } from '../../snapshot/collect/collect.ts';
import { withSignal } from '../../n8n/with-signal.ts';
import { isoSeconds } from '../../lib/iso-seconds.ts';
import { compareAfter } from './compare-restored.ts';
import { openTarget, type Target } from '../snapshots/open-target.ts';
import { prepare, readTarget, stubsIn, type Prepared } from './prepare-restore.ts';
import { removeJournal, writeJournal, type Journal } from './restore-documents.ts';
import type { RestoreJobOptions, RestoreReport } from './restore-job.ts';
import { StoreMemory } from './restore-memory.ts';
import { saveSafetySnapshot } from './safety-snapshot.ts';

/**
 * Restores a snapshot into an instance, and reads back what became of it.
 * @throws UsageError for a selection or a credentials file that cannot be used; FlowkeepError `plan-outdated` (exit
 * code 4) where the target has moved on since the plan file was made; N8nError where the target does not answer;
 * StoreError; InterruptedError
 */
export async function restore(options: RestoreJobOptions): Promise<RestoreReport> {
  const started = options.clock.now();
  // First of all: it takes n8n's first import of a package a second and more to load what it needs for that.
  const capabilities = probeCapabilities(withSignal(options.target.client, options.signal));
  // Reading fails with the same error where the target does not answer, and is waited for first.
  capabilities.catch(() => undefined);
  const base = await openTarget(options.store, options.target.instance, options.signal);
  if (base.error instanceof Error) throw base.error;
  // The snapshot is parsed while n8n answers.
  await using source = ahead(readSnapshotModel(options.snapshot, options.signal));
  using collected = await readTarget(options, base.latest, started);
  const known = { source: await source.result, capabilities: await capabilities };
  const prepared = await prepare(options, collected, known);
  const { plan } = prepared;
  if (options.planFile) requireSamePlan(options.planFile.plan, plan, options.planFile.path);
  const finish = (rest: Partial<RestoreReport>): RestoreReport => makeReport(options, plan, started, rest);
  if (options.options.onConflict === 'fail' && conflictsOf(plan).length > 0)
    return finish({ status: 'conflict', exitCode: EXIT.conflict });
  if (options.dryRun) return finish({ status: 'planned' });
  if (!(await options.confirm(plan))) return finish({ status: 'declined' });
  // Not earlier: while somebody thinks about the plan, backups go on.
  await using lease = (await options.lock?.(options.store, options.signal)) ?? null;
  const locked = { ...options, signal: lease?.signal ?? options.signal };
  if (!lease?.waited) return finish(await write(locked, prepared, { collected, base: base.latest, started }));
  const startedAgain = options.clock.now();
  using now = await readTarget(locked, base.latest, startedAgain);
  const again = await prepare(locked, now, known);
  requireSamePlan(plan, again.plan, 'that was confirmed before another run ended');
  return finish(await write(locked, again, { collected: now, base: base.latest, started: startedAgain }));
}

/** The target as it was read before the first write. */
interface Before {
  readonly collected: Collected;
  readonly base: Target['latest'];
  /** Milliseconds since 1970, when the reading began. */
  readonly started: number;
}

/** Saves what is there, applies the plan, and reads back what became of it. */
async function write(
  options: RestoreJobOptions,
  prepared: Prepared,
  { collected, base, started }: Before,
): Promise<Partial<RestoreReport>> {
  const safetySnapshot = options.safetySnapshot
    ? await saveSafetySnapshot(options, { collected, base }, started)
    : null;
  const applied = await applyPlan(options, prepared, started);
  const ended = applied.stoppedBy === undefined;
  const items = ended
    ? await compareAfter(options, prepared, applied, collected)
    : withoutReadBack(prepared.plan, applied.outcomes);
  if (ended) await removeJournal(options.store, options.target.instance, options.signal);
  return {
    ...applied,
    status: 'applied',
    safetySnapshot,
    items,
    needSecret: stubsOf(prepared, items),
    byHand: byHandOf(prepared, items),
    exitCode: exitCodeOf(prepared, items, applied.stoppedBy),
  };
}

async function applyPlan(options: RestoreJobOptions, prepared: Prepared, started: number): Promise<Applied> {
  const { input, plan, credentials, interrupted } = prepared;
  const { store, target, clock, progress, signal } = options;
  const source = input.source.header.instance;
  const journal: Journal = {
    flowkeepRestoreJournal: 1,
    startedAt: interrupted?.startedAt ?? isoSeconds(started),
    snapshot: plan.snapshot.id,
    before: interrupted?.before ?? itemsBefore(input.live),
    temporaryCredentials: interrupted?.temporaryCredentials ?? [],
    stubs: stubsIn(prepared),
  };
  await writeJournal(store, target.instance, journal, signal);
  const leftBehind = interrupted?.temporaryCredentials ?? [];
  const memory = new StoreMemory({
    store,
    target: target.instance,
    source,
    journal,
    leftBehind,
    clock,
    signal,
  });
  // What was adopted is known by likeness alone; saved, it is known for good.
  await memory.remember(input.adopted);
  try {
    const { source: snapshot, live } = input;
    return await apply({
      plan,
      source: snapshot,
      live,
      client: withSignal(target.client, signal),
      memory,
      credentials,
      progress,
      signal,
    });
  } finally {
    await memory.flush(new AbortController().signal);
  }
}

/** Credentials that are on the target and still need their secret. */
function stubsOf(prepared: Prepared, items: readonly ItemResult[]): RestoreReport['needSecret'] {
  const stubs = new Set(stubsIn(prepared));
  return items.flatMap(({ kind, id, name, targetId }) => {
    if (kind !== 'credentials' || targetId === null || !stubs.has(id)) return [];
    return [{ id: targetId, name, type: prepared.input.source.credentials.get(id)?.type ?? '' }];
  });
}

/** What the snapshot's store omitted, of items that are on the target now and do not have it. */
function byHandOf({ input }: Prepared, items: readonly ItemResult[]): RestoreReport['byHand'] {
  return items.flatMap(({ kind, id, name, targetId, result }) => {
    const notes = input.byHand?.get(keyOf(kind, id)) ?? [];
    if (notes.length === 0 || result === 'skipped' || result === 'failed') return [];
    return [{ kind, id: targetId ?? id, name, places: notes.map(({ message }) => message) }];
  });
}

/** Partial where an item is not as it was: also where its secrets are still to be entered. */
function exitCodeOf(prepared: Prepared, items: readonly ItemResult[], stoppedBy: unknown): ExitCode {
  if (stoppedBy !== undefined || byHandOf(prepared, items).length > 0) return EXIT.partial;
  return items.some(({ result }) => result === 'differs' || result === 'failed') ? EXIT.partial : EXIT.done;
}

function makeReport(
  options: RestoreJobOptions,
  plan: Plan,
  started: number,
  rest: Partial<RestoreReport>,
): RestoreReport {
  return {
    status: 'planned',
    plan,
    safetySnapshot: null,
    items: [],
    newIds: [],
    needSecret: [],
    byHand: [],
    notHeld: NOT_HELD,
    stoppedBy: undefined,
    exitCode: EXIT.done,
    durationMs: options.clock.now() - started,
    client: options.target.client.stats,
    ...rest,
  };
}
