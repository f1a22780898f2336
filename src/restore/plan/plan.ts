// The plan of a restore: from the snapshot and the live state to ordered actions. Pure: nothing here asks
// n8n, waits or writes.

import type { Kind } from '../../kinds/kinds.ts';
import type { ScopedItem } from './select/with-dependencies.ts';
import { describeChanges } from './describe-changes.ts';
import { compareRows, type RowFacts } from './compare/compare-rows.ts';
import { makeContext, type PlanContext, type PlanInput, type Planned } from './context.ts';
import { isComplete, itemsOf, keyOf, whyIncomplete } from '../model/items.ts';
import { newIdentity } from './select/new-identity.ts';
import { RESTORE_ORDER } from '../../kinds/kinds.ts';
import { PLANNERS } from './planners.ts';
import { planDeletions } from './deletions.ts';
import { settlePublishing } from './publish-plan.ts';
import { reviewPlan } from './review/review.ts';
import type { Action, BlockedAction, Note, Plan, UpdateAction, Withheld } from './types.ts';
import { isWithheld, whyUnchanged } from './withheld.ts';
import { planWarnings } from './warnings.ts';
import { calleesFirst, parentsFirst, sortedIds } from './sequence.ts';

/**
 * Makes a plan, reading rows as far as it needs them: of tables that are restored.
 * @throws UsageError where `--only` names nothing, or several things; FlowkeepError `snapshot-format`; InterruptedError
 */
export async function planRestore(input: PlanInput): Promise<Plan> {
  const rows = new Map<string, RowFacts>();
  const context = makeContext(input, rows);
  const { scope, identities } = context;
  for (const { kind, id } of scope.values()) {
    if (kind !== 'data-tables') continue;
    const targetId = identities.match(kind, id)?.targetId ?? null;
    const target = targetId === null ? null : (input.live['data-tables'].get(targetId) ?? null);
    rows.set(id, await compareRows(input.source['data-tables'].get(id)!, target));
  }
  return makePlan(context);
}

/**
 * What is done to which item, in which order, and why. Pure: the same context gives the same plan, and nothing is
 * changed. The context has how the rows of each table compare by now.
 */
function makePlan(context: PlanContext): Plan {
  const actions = RESTORE_ORDER.flatMap((kind) => planKind(context, kind));
  const deletions = planDeletions(context, actions);
  const settled = settlePublishing(context, [...actions, ...deletions]);
  const { source, live, target, options, capabilities, unverified = [], otherServer } = context;
  return {
    ...(unverified.length === 0 ? {} : { unverified }),
    ...(otherServer === undefined ? {} : { otherServer }),
    snapshot: { id: source.id, takenAt: source.takenAt, instance: source.header.instance },
    target: { ...target, n8nVersion: live.header.n8nVersion },
    options,
    capabilities,
    ...settled,
    review: reviewPlan(context, settled.actions),
    ids: context.identities.pairs(),
    warnings: planWarnings(context),
  };
}

/** Items that a restore would overwrite: `--on-conflict fail` stops at the first. */
export function conflictsOf(plan: Plan): Action[] {
  return plan.actions.filter((action) => action.verb === 'update');
}

/** Whether applying the plan writes anything to the target. */
export function writesAnything(plan: Plan): boolean {
  return plan.actions.some(({ verb }) => verb === 'create' || verb === 'update' || verb === 'delete');
}

function planKind(context: PlanContext, kind: Kind): Action[] {
  const items = [...context.scope.values()].filter((item) => item.kind === kind);
  return inSequence(context, kind, items).flatMap((item) => planItem(context, item));
}

/** Within a kind: folders after their parents, workflows after those that they call, all else by name. */
function inSequence(context: PlanContext, kind: Kind, items: readonly ScopedItem[]): readonly ScopedItem[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const ids =
    kind === 'workflows'
      ? calleesFirst(
          context.references,
          [...byId.keys()].map((id) => context.source.workflows.get(id)!),
        )
      : kind === 'folders'
        ? parentsFirst([...byId.keys()].map((id) => context.source.folders.get(id)!))
        : sortedIds([...byId.keys()].map((id) => itemsOf(context.source, kind).get(id)!));
  return ids.map((id) => byId.get(id)!);
}

function planItem(context: PlanContext, item: ScopedItem): Action[] {
  const { kind, id } = item;
  // Personal projects come with their owners and cannot be made, renamed or given members.
  if (kind === 'projects' && context.source.projects.get(id)!.personal) return [];
  if (!isComplete(context.live, kind)) return [blockedKind(context, item)];
  const { targetId = null, matchedBy } = context.identities.match(kind, id) ?? {};
  const planned = PLANNERS[kind](context, id, targetId);
  return targetId === null || matchedBy === undefined
    ? [planMissing(context, item, planned)]
    : [planExisting(context, item, planned, { targetId, matchedBy })];
}

function planExisting(
  context: PlanContext,
  item: ScopedItem,
  planned: Planned,
  match: Pick<UpdateAction, 'targetId' | 'matchedBy'>,
): Action {
  const withheld = withheldOf(context, item);
  const head = { ...headOf(context, item), ...(withheld ? { withheld } : {}) };
  const { changes, blocked, dependsOn, work } = planned;
  const omitted = omittedNotes(context, item);
  if (changes.length === 0 && !blocked)
    return { ...head, ...match, verb: 'unchanged', why: whyUnchanged(withheld), notes: omitted };
  const { targetId } = match;
  const left = whyLeft(context, item, planned);
  if (left !== null) return { ...head, verb: 'skip', targetId, changes, why: left, notes: [] };
  const notes = [...planned.notes, ...omitted];
  if (blocked) return { ...head, verb: 'blocked', targetId, why: blocked.reason, remedy: blocked.remedy, notes };
  return {
    ...head,
    ...match,
    verb: 'update',
    changes,
    why: describeChanges(changes),
    notes,
    dependsOn,
    work,
  };
}

function planMissing(context: PlanContext, item: ScopedItem, planned: Planned): Action {
  const head = headOf(context, item);
  const { skipped, blocked, dependsOn, work } = planned;
  if (skipped !== undefined) return { ...head, verb: 'skip', targetId: null, changes: [], why: skipped, notes: [] };
  const notes = [...planned.notes, ...omittedNotes(context, item)];
  if (blocked) return { ...head, verb: 'blocked', targetId: null, why: blocked.reason, remedy: blocked.remedy, notes };
  const identity = newIdentity(context, item.kind, item.id);
  return { ...head, verb: 'create', identity, why: 'missing on the target', notes, dependsOn, work };
}

/** What a person has to see to, because the snapshot's store omitted something of the item. */
function omittedNotes({ omitted }: PlanContext, { kind, id }: ScopedItem): readonly Note[] {
  return omitted?.get(keyOf(kind, id))?.notes ?? [];
}

/** What of an item on the target could not be compared. */
function withheldOf({ omitted }: PlanContext, { kind, id }: ScopedItem): Withheld | undefined {
  const { withheld } = omitted?.get(keyOf(kind, id)) ?? {};
  return withheld && isWithheld(withheld) ? withheld : undefined;
}

function headOf(
  context: PlanContext,
  { kind, id, neededBy }: ScopedItem,
): Pick<BlockedAction, 'key' | 'kind' | 'name' | 'sourceId' | 'neededBy'> {
  const name = itemsOf(context.source, kind).get(id)!.name;
  return { key: keyOf(kind, id), kind, name, sourceId: id, neededBy };
}

/** Why an item that exists and differs is left alone, or null where it is not. */
function whyLeft(context: PlanContext, item: ScopedItem, planned: Planned): string | null {
  if (planned.skipped !== undefined) return planned.skipped;
  const differs = `${describeChanges(planned.changes)}`;
  // One item's restore must not take others back in time, or replace the rows of a table that it reads.
  if (!item.chosen) return `exists and is left as it is: not chosen itself (${differs || 'it differs'})`;
  if (context.options.onConflict === 'skip') return `--on-conflict skip (${differs || 'it differs'})`;
  return null;
}

/** What the target does not list cannot be compared, and must not count as missing. */
function blockedKind(context: PlanContext, item: ScopedItem): BlockedAction {
  const { kind } = item;
  return {
    ...headOf(context, item),
    verb: 'blocked',
    targetId: null,
    why: `the target does not list its ${kind}: ${whyIncomplete(context.live, kind)}`,
    remedy: remedyForKind(context, kind),
    notes: [],
  };
}

function remedyForKind(context: PlanContext, kind: Kind): string {
  switch (context.live.header.kinds[kind]?.reason?.code) {
    case 'licence':
      return `Restore into an instance whose licence has ${kind}, or leave them out with --only.`;
    case 'scope':
      return 'Give the API key the scope (`flowkeep check` names it) and restore again.';
    case 'version':
      return `Update the target's n8n, or leave ${kind} out with --only.`;
    case 'error':
    case undefined:
      return 'Run `flowkeep check` on the target, and restore again.';
  }
}
