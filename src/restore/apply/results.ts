import type { Kind } from '../../kinds/kinds.ts';
import type { Outcome } from './outcome.ts';
import type { Action, Change, Plan, Withheld } from '../plan/types.ts';
import { whyUnchanged } from '../plan/withheld.ts';

/** What became of one item, found by reading it back. */
export interface ItemResult {
  readonly kind: Kind;
  readonly name: string;
  /** The id in the snapshot; of a deletion, the target's. */
  readonly id: string;
  /** The id on the target, or null where it is not there. */
  readonly targetId: string | null;
  readonly result:
    /** As in the snapshot, through this run. */
    | 'restored'
    /** As in the snapshot already; as far as can be told where `withheld` is there. */
    | 'unchanged'
    /** Not as in the snapshot: although it was written, or because a text of it stays as the target has it. */
    | 'differs'
    | 'failed'
    /** Left alone on purpose. */
    | 'skipped'
    | 'deleted';
  /** What was withheld from the snapshot, and could not be compared: the target's was kept. Absent without any. */
  readonly withheld?: Withheld;
  readonly changes: readonly Change[];
  /** Why: n8n's own words, or the plan's. */
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly notes: readonly string[];
}

/** What a backup through the public API does not hold, so that nobody finds out on the worst day. */
export const NOT_HELD: readonly string[] = [
  'secrets of credentials',
  'executions and their data',
  'users, their passwords and their roles',
  "the instance's encryption key and its environment variables",
];

/** Without reading back: the target does not answer any more. What was written counts as differing until it is seen. */
export function withoutReadBack(plan: Plan, outcomes: readonly Outcome[]): ItemResult[] {
  const done = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  return plan.actions.map((action) => {
    const outcome = done.get(action.key) ?? notDone(action);
    return {
      ...itemResultOf(action, outcome, action),
      changes: [],
      reason: outcome.reason ?? 'not read back',
    };
  });
}

function notDone({ key }: Action): Outcome {
  return { key, status: 'skipped', reason: 'not done: the restore stopped early', notes: [] };
}

/**
 * Compares the target after a restore with the snapshot: `after` is what a plan of the same options would still have to
 * do now.
 */
export function results(plan: Plan, outcomes: readonly Outcome[], after: Plan): ItemResult[] {
  const done = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  const left = new Map(after.actions.map((action) => [action.key, action]));
  return plan.actions.map((action) => itemResultOf(action, done.get(action.key), left.get(action.key)));
}

function itemResultOf(action: Action, outcome: Outcome | undefined, left: Action | undefined): ItemResult {
  const result = resultOf(action, outcome, left);
  // What a person has to do is listed separately, with all of its places.
  const told = action.notes.filter(({ code }) => code !== 'by-hand').map(({ message }) => message);
  const notes = [...told, ...(outcome?.notes ?? [])];
  const undone = outcome && outcome.status !== 'done' ? outcome : undefined;
  const { withheld } = action;
  return {
    kind: action.kind,
    name: action.name,
    id: 'sourceId' in action ? action.sourceId : action.targetId,
    targetId: targetIdOf(left ?? action, outcome),
    result,
    ...(withheld ? { withheld } : {}),
    changes: result === 'differs' && left && 'changes' in left ? left.changes : [],
    reason: undone?.reason ?? reasonOf(result, withheld, left),
    remedy: undone?.remedy ?? (action.verb === 'blocked' ? action.remedy : null),
    notes: [...new Set(notes)],
  };
}

function reasonOf(
  result: ItemResult['result'],
  withheld: Withheld | undefined,
  left: Action | undefined,
): string | null {
  if (result === 'differs' && left) return left.verb === 'unchanged' ? whyUnchanged(withheld) : left.why;
  return result === 'unchanged' && withheld ? whyUnchanged(withheld) : null;
}

function resultOf(action: Action, outcome: Outcome | undefined, left: Action | undefined): ItemResult['result'] {
  if (action.verb === 'skip') return 'skipped';
  if (action.verb === 'blocked') return 'failed';
  if (action.verb === 'delete') return outcome?.status === 'done' && !left ? 'deleted' : 'failed';
  const same = left?.verb === 'unchanged';
  if (same && action.withheld && action.withheld.kept > 0) return 'differs';
  if (action.verb === 'unchanged') return same ? 'unchanged' : 'differs';
  // What is there counts, also where the answer to a request was lost.
  if (same) return 'restored';
  if (outcome === undefined || outcome.status !== 'done') return 'failed';
  // What could not be compared any more counts as written, and its difference is reported.
  return isFilled(action, left) ? 'restored' : 'differs';
}

/** Secrets cannot be read back: that they would be written again is no difference. */
function isFilled(action: Action, left: Action | undefined): boolean {
  if (action.kind !== 'credentials' || left?.verb !== 'update') return false;
  return left.changes.every(({ field }) => field === 'secret');
}

function targetIdOf(action: Action, outcome: Outcome | undefined): string | null {
  if (outcome?.targetId !== undefined) return outcome.targetId;
  return action.verb === 'create' ? null : action.targetId;
}
