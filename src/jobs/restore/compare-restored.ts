import { InterruptedError } from '../../lib/errors.ts';
import { findAdopted, itemsBefore } from '../../restore/plan/select/adopt.ts';
import type { Applied } from '../../restore/apply/apply.ts';
import type { SnapshotModel } from '../../restore/model/model.ts';
import { planRestore } from '../../restore/plan/plan.ts';
import { results, type ItemResult } from '../../restore/apply/results.ts';
import { readModel } from '../../restore/model/read-model.ts';
import type { IdPair } from '../../restore/plan/types.ts';
import { readTarget, type Prepared } from './prepare-restore.ts';
import type { RestoreDocuments } from './restore-documents.ts';
import type { RestoreRun } from './restore-run.ts';

/** Reads the target again and finds what a restore would still have to do. */
export async function compareAfter(
  run: RestoreRun,
  prepared: Prepared,
  { outcomes, newIds }: Applied,
): Promise<ItemResult[]> {
  if (run.signal.aborted) throw new InterruptedError();
  const withoutDetails = createdBare(prepared, outcomes);
  using collected = await readTarget(run, prepared.collected, run.clock.now(), {
    withoutDetails,
    compareOnly: true,
  });
  const live = await readModel(collected, run.signal);
  const { input, plan } = prepared;
  const saved = latestOf([...input.saved, ...input.adopted, ...newIds]);
  const adopted = await adoptAfter(run.documents, prepared, live, saved);
  const after = await planRestore({ ...input, live, saved, adopted });
  return results(plan, outcomes, after);
}

/**
 * Ids of the workflows that this restore created without a description: n8n gives a new one none, so that reading
 * each of them in detail would tell nothing, and take half as long again as bringing them back.
 */
function createdBare({ input, plan }: Prepared, outcomes: Applied['outcomes']): ReadonlySet<string> {
  const done = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  return new Set(
    plan.actions.flatMap((action) => {
      if (action.kind !== 'workflows' || action.verb !== 'create') return [];
      const { status, targetId } = done.get(action.key) ?? {};
      const description = input.source.workflows.get(action.sourceId)?.draft.description;
      return status === 'done' && targetId !== undefined && !description ? [targetId] : [];
    }),
  );
}

/** Items that were created under a new id although the answer was lost: found by likeness, and saved. */
async function adoptAfter(
  documents: RestoreDocuments,
  { input, interrupted }: Prepared,
  live: SnapshotModel,
  saved: readonly IdPair[],
): Promise<IdPair[]> {
  const before = interrupted?.before ?? itemsBefore(input.live);
  const adopted = findAdopted(input.source, live, before, saved);
  if (adopted.length > 0) await documents.addIdentity(input.source.header.instance, adopted);
  return adopted;
}

/** The last pair of each item. */
function latestOf(pairs: readonly IdPair[]): IdPair[] {
  return [...new Map(pairs.map((pair) => [`${pair.kind}:${pair.from}`, pair])).values()];
}
