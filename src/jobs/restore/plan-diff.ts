import { compareSnapshots, sideOf } from '../../diff/compare.ts';
import type { OnWorkflow } from '../../diff/compare-context.ts';
import type { SnapshotDiff } from '../../diff/types.ts';
import type { Kind } from '../../kinds/kinds.ts';
import { keyOf } from '../../restore/model/items.ts';
import type { Action, ActionKey, Plan } from '../../restore/plan/types.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';

/** What a plan changes, item by item: from the target as it is to the snapshot. */
export interface PlanDiff extends SnapshotDiff {
  /** Items that the plan updates and that are not compared, because they have other ids on the target. */
  readonly otherIds: readonly { readonly kind: Kind; readonly id: string; readonly name: string }[];
}

/** What `restore` is asked to compare for. */
export interface DiffRequest {
  /** Given each workflow that the plan writes, with both of its states. */
  readonly onWorkflow?: OnWorkflow;
}

/**
 * Compares what a plan writes or deletes, and nothing else.
 * @throws FlowkeepError `snapshot-format`; StoreError; InterruptedError
 */
export async function diffPlan(
  plan: Plan,
  target: SnapshotView,
  snapshot: SnapshotView,
  { onWorkflow }: DiffRequest,
  signal: AbortSignal,
): Promise<PlanDiff> {
  const otherIds = plan.actions.flatMap((action) =>
    action.verb === 'update' && action.targetId !== action.sourceId
      ? [{ kind: action.kind, id: action.sourceId, name: action.name }]
      : [],
  );
  const compared = plan.actions.filter((action) => keyInDiff(action).length > 0);
  // No kind at all would mean every kind.
  if (compared.length === 0) return { from: sideOf(target), to: sideOf(snapshot), kinds: [], otherIds };
  const keys = new Set(compared.flatMap(keyInDiff));
  const found = await compareSnapshots(target, snapshot, {
    only: [...new Set(compared.map(({ kind }) => kind))].map((kind) => ({ kind, wanted: null })),
    wants: (kind, id) => keys.has(keyOf(kind, id)),
    signal,
    ...(onWorkflow && { onWorkflow }),
  });
  return { ...found, otherIds };
}

/** Under which key the comparison has the item of an action that changes something; none where it has two. */
function keyInDiff(action: Action): ActionKey[] {
  switch (action.verb) {
    case 'create':
      return [action.key];
    case 'update':
      return action.targetId === action.sourceId ? [action.key] : [];
    case 'delete':
      return [keyOf(action.kind, action.targetId)];
    case 'unchanged':
    case 'skip':
    case 'blocked':
      return [];
  }
}
