import type { Kind } from '../../kinds/kinds.ts';
import type { CreateAction, UpdateAction, Work, WriteAction } from '../plan/types.ts';
import type { ApplyContext } from './context.ts';

/** A write action whose work is that of its kind. */
export type ActionOf<K extends Work['kind'], A extends WriteAction = WriteAction> = A & {
  readonly work: Extract<Work, { kind: K }>;
};

/** The missing items of a kind, in the order of the plan, without those whose place could not be made. */
export function creationsOf<K extends Work['kind']>(
  context: ApplyContext,
  kind: K,
): ActionOf<K, CreateAction>[] {
  return readyOf(context, kind).filter((action) => action.verb === 'create') as ActionOf<K, CreateAction>[];
}

/** The items of a kind that exist and differ, without those whose place could not be made. */
export function updatesOf<K extends Work['kind']>(
  context: ApplyContext,
  kind: K,
): ActionOf<K, UpdateAction>[] {
  return readyOf(context, kind).filter((action) => action.verb === 'update') as ActionOf<K, UpdateAction>[];
}

/** Both, without those that lack their place, or that could not be created. */
export function presentOf<K extends Work['kind']>(context: ApplyContext, kind: K): ActionOf<K>[] {
  return readyOf(context, kind).filter((action) => !context.outcomes.isMissing(action.key)) as ActionOf<K>[];
}

/** The item's id on the target. */
export function targetIdOf(context: ApplyContext, action: WriteAction): string {
  return action.verb === 'update' ? action.targetId : context.ids.idOf(action.kind, action.sourceId);
}

export function changes(action: WriteAction, field: UpdateAction['changes'][number]['field']): boolean {
  return action.verb === 'update' && action.changes.some((change) => change.field === field);
}

function readyOf(context: ApplyContext, kind: Kind): WriteAction[] {
  return context.plan.actions.filter(
    (action): action is WriteAction =>
      action.kind === kind &&
      (action.verb === 'create' || action.verb === 'update') &&
      isReady(context, action),
  );
}

/** Without its place, an item cannot be restored: it is skipped, and the reason says so. */
function isReady(context: ApplyContext, action: WriteAction): boolean {
  const missing = action.dependsOn.find((key) => context.outcomes.isMissing(key));
  if (missing === undefined) return true;
  context.outcomes.skip(action.key, `depends on ${missing}, which could not be restored`);
  return false;
}
