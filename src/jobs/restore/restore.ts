// Restore: read the target, plan, confirm, take a safety snapshot, apply, read back and compare. The plan
// itself and its steps are in `restore/`; here is their order and what the store remembers of a run.

import { ahead } from '../../restore/apply/ahead.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { itemsBefore } from '../../restore/plan/select/adopt.ts';
import { apply, type Applied } from '../../restore/apply/apply.ts';
import { keyOf } from '../../restore/model/items.ts';
import { requireSamePlan } from '../../restore/plan/output/plan-file.ts';
import { conflictsOf, writesAnything } from '../../restore/plan/plan.ts';
import { probeCapabilities } from '../../restore/target/probe.ts';
import { NOT_HELD, results, withoutReadBack, type ItemResult } from '../../restore/apply/results.ts';
import { readSnapshotModel } from '../../restore/model/snapshot-model.ts';
import type { IdPair, Plan } from '../../restore/plan/types.ts';
import { compareAfter } from './compare-restored.ts';
import { openTarget } from '../snapshots/open-target.ts';
import { diffPlan } from './plan-diff.ts';
import { prepare, readTarget, stubsIn, type Prepared } from './prepare-restore.ts';
import type { Journal } from './restore-documents.ts';
import type { RestoreJobOptions, RestoreReport } from './restore-job.ts';
import { StoreMemory } from './restore-memory.ts';
import { startRun, type RestoreRun } from './restore-run.ts';
import { requireMemory, shareMemory } from './shared-memory.ts';
import { saveSafetySnapshot } from './safety-snapshot.ts';
import { confirmRestored, confirmTarget } from './target-server.ts';

/**
 * Restores a snapshot into an instance, and reads back what became of it.
 * @throws UsageError for a selection or a credentials file that cannot be used; FlowkeepError `plan-outdated` (exit
 * code 4) where the target has moved on since the plan file was made; N8nError where the target does not answer;
 * StoreError; InterruptedError
 */
export async function restore(job: RestoreJobOptions): Promise<RestoreReport> {
  const run = startRun(job);
  // First of all: it takes n8n's first import of a package a second and more to load what it needs for that.
  const capabilities = probeCapabilities(run.target.client);
  // Reading fails with the same error where the target does not answer, and is waited for first.
  capabilities.catch(() => undefined);
  const { latest, error } = await openTarget(run.store, run.target.instance, run.signal);
  if (error instanceof Error) throw error;
  // The snapshot is parsed while n8n answers.
  await using source = ahead(readSnapshotModel(run.snapshot, run.signal));
  using collected = await readTarget(run, latest, run.startedAt);
  const known = { source: await source.result, capabilities: await capabilities };
  const prepared = await prepare(run, collected, known);
  const { plan } = prepared;
  requireMemory(run, plan, prepared.input, prepared.memory.unread);
  if (run.planFile) requireSamePlan(run.planFile.plan, plan, run.planFile.path);
  const diff = run.diff ? await diffPlan(plan, collected, run.snapshot, run.diff, run.signal) : null;
  const finish = (rest: Partial<RestoreReport>): RestoreReport => makeReport(run, plan, { diff, ...rest });
  if (run.options.onConflict === 'fail' && conflictsOf(plan).length > 0)
    return finish({ status: 'conflict', exitCode: EXIT.conflict });
  if (run.dryRun) return finish({ status: 'planned' });
  if (!(await run.confirm(plan, diff))) return finish({ status: 'declined' });
  if (isNothingToDo(prepared)) return finish(reportNothing(prepared));
  // Not earlier: while somebody thinks about the plan, backups go on.
  await using lease = await run.lock();
  if (!lease?.waited) return finish(await write(run, prepared));
  using readAgain = await readTarget(run, latest, run.clock.now());
  const again = await prepare(run, readAgain, known);
  requireSamePlan(plan, again.plan, 'that was confirmed before another run ended');
  return finish(await write(run, again));
}

/** Nothing to write, nothing that an interrupted run left to be finished, nothing to remember. */
function isNothingToDo({ plan, interrupted, input }: Prepared): boolean {
  return !writesAnything(plan) && interrupted === null && input.adopted.length === 0;
}

/** Neither target nor store is written, and what was just read need not be read again. */
function reportNothing(prepared: Prepared): Partial<RestoreReport> {
  const items = results(prepared.plan, [], prepared.plan);
  return {
    status: 'applied',
    items,
    byHand: byHandOf(prepared, items),
    exitCode: exitCodeOf(prepared, items, undefined),
  };
}

/** Saves what is there, applies the plan, and reads back what became of it. */
async function write(run: RestoreRun, prepared: Prepared): Promise<Partial<RestoreReport>> {
  const { collected } = prepared;
  const safetySnapshot = run.safetySnapshot ? await saveSafetySnapshot(run, collected) : null;
  await confirmTarget(run, collected);
  const applied = await applyPlan(run, prepared);
  const ended = applied.stoppedBy === undefined;
  const items = ended ? await compareAfter(run, prepared, applied) : withoutReadBack(prepared.plan, applied.outcomes);
  if (ended) await confirmRestored(run, collected, items);
  if (ended) await forget(run, prepared, applied);
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

/** The journal is done with, also that of an interrupted run in another store, and what is to be remembered is shared. */
async function forget(run: RestoreRun, { input, memory }: Prepared, { newIds }: Applied): Promise<void> {
  await run.documents.removeJournal();
  if (memory.journalIn !== run.documents) await memory.journalIn?.removeJournal();
  const isNew = newIds.length > 0 || input.adopted.length > 0;
  await shareMemory(run, input.source.header.instance, isNew);
}

async function applyPlan(run: RestoreRun, prepared: Prepared): Promise<Applied> {
  const { collected, input, plan, credentials, interrupted } = prepared;
  const { progress, signal } = run;
  const { source, live } = input;
  const journal: Journal = {
    flowkeepRestoreJournal: 1,
    startedAt: interrupted?.startedAt ?? collected.takenAt,
    snapshot: plan.snapshot.id,
    before: interrupted?.before ?? itemsBefore(live),
    temporaryCredentials: interrupted?.temporaryCredentials ?? [],
    stubs: stubsIn(prepared),
  };
  await run.documents.writeJournal(journal);
  const memory = new StoreMemory(run.documents, run.clock, source.header.instance, journal);
  // What was adopted is known by likeness alone, and what another store remembers only there: saved, it is known here.
  await memory.remember([...elsewhere(prepared), ...input.adopted]);
  try {
    const { client } = run.target;
    return await apply({ plan, source, live, client, memory, credentials, progress, signal });
  } finally {
    await memory.flush(new AbortController().signal);
  }
}

/** Pairs that hold, and that the snapshot's own store does not have. */
function elsewhere({ input, memory }: Prepared): IdPair[] {
  const own = new Set((memory.identities[0] ?? []).map(({ kind, from, to }) => JSON.stringify([kind, from, to])));
  return input.saved.filter(({ kind, from, to }) => !own.has(JSON.stringify([kind, from, to])));
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
    const all = input.omitted?.get(keyOf(kind, id))?.notes ?? [];
    const notes = all.filter(({ code }) => code === 'by-hand');
    if (notes.length === 0 || result === 'skipped' || result === 'failed') return [];
    return [{ kind, id: targetId ?? id, name, places: notes.map(({ message }) => message) }];
  });
}

/** Partial where an item is not as it was: also where its secrets are still to be entered. */
function exitCodeOf(prepared: Prepared, items: readonly ItemResult[], stoppedBy: unknown): ExitCode {
  if (stoppedBy !== undefined || byHandOf(prepared, items).length > 0) return EXIT.partial;
  return items.some(({ result }) => result === 'differs' || result === 'failed') ? EXIT.partial : EXIT.done;
}

function makeReport({ clock, startedAt, target }: RestoreRun, plan: Plan, rest: Partial<RestoreReport>): RestoreReport {
  return {
    status: 'planned',
    plan,
    diff: null,
    safetySnapshot: null,
    items: [],
    newIds: [],
    needSecret: [],
    byHand: [],
    notHeld: NOT_HELD,
    stoppedBy: undefined,
    exitCode: EXIT.done,
    durationMs: clock.now() - startedAt,
    client: target.client.stats,
    ...rest,
  };
}
