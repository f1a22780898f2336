import type { PlanContext } from './context.ts';
import { keyOf } from '../model/items.ts';
import type { WorkflowItem } from '../model/model.ts';
import { liveVersion } from '../model/references.ts';
import { publishOrder } from './sequence.ts';
import type { Action, BlockedAction, Plan, WriteAction } from './types.ts';
import type { LiveWork, WorkflowWork } from './work.ts';
import { collide, webhooksOf, type Webhook } from '../model/webhooks.ts';

/**
 * Finds what n8n would refuse to publish, before anything is written: a webhook path that another live workflow holds,
 * and a call of a workflow that will not be live. Gives the actions with that settled, and the order of publishing.
 */
export function settlePublishing(
  context: PlanContext,
  actions: readonly Action[],
): Pick<Plan, 'actions' | 'publishGroups'> {
  const publishing = new Map(
    actions.filter(isPublishing).map((action) => [action.sourceId, context.source.workflows.get(action.sourceId)!]),
  );
  const blocked = new Map<string, Blocked>();
  const holders = webhookHolders(context, actions);
  for (const workflow of publishing.values()) {
    const conflict = findConflict(workflow, holders);
    if (conflict) blocked.set(workflow.id, conflict);
  }
  blockCallers(context, actions, publishing, blocked);
  const order = [...publishing.values()].filter((workflow) => !blocked.has(workflow.id));
  return {
    actions: actions.map((action) => withBlockedPublish(action, blocked)),
    publishGroups: publishOrder(context.references, order),
  };
}

type Blocked = Extract<LiveWork, { do: 'blocked' }>;
/** What writes a workflow. */
export type WorkflowAction = WriteAction & { readonly work: WorkflowWork };

/** Whether a workflow is written. */
export function isWorkflowAction(action: Action): action is WorkflowAction {
  return (action.verb === 'create' || action.verb === 'update') && action.work.kind === 'workflows';
}

/** Whether a workflow is written and made live. */
export function isPublishing(action: Action): action is WorkflowAction {
  return isWorkflowAction(action) && action.work.live.do === 'publish';
}

/**
 * Webhook paths on the target that remain taken: those of live workflows whose live version the plan leaves as it is.
 */
function webhookHolders(context: PlanContext, actions: readonly Action[]): Map<string, Holder[]> {
  const released = new Set<string>();
  for (const action of actions) {
    if (action.verb === 'delete') released.add(action.targetId);
    if (action.verb === 'update' && isWorkflowAction(action) && action.work.live.do !== 'keep')
      released.add(action.targetId);
  }
  const holders = new Map<string, Holder[]>();
  for (const workflow of context.live.workflows.values()) {
    const version = released.has(workflow.id) ? null : liveVersion(workflow);
    for (const webhook of version ? webhooksOf(version) : []) {
      const others = holders.get(webhook.path);
      if (others) others.push({ workflow, webhook });
      else holders.set(webhook.path, [{ workflow, webhook }]);
    }
  }
  return holders;
}

interface Holder {
  readonly workflow: WorkflowItem;
  readonly webhook: Webhook;
}

function findConflict(workflow: WorkflowItem, holders: ReadonlyMap<string, Holder[]>): Blocked | null {
  const version = liveVersion(workflow);
  for (const webhook of version ? webhooksOf(version) : []) {
    const holder = holders.get(webhook.path)?.find((each) => collide(each.webhook, webhook));
    if (!holder) continue;
    const method = webhook.method === '*' ? '' : `${webhook.method} `;
    return {
      do: 'blocked',
      reason: `the webhook ${method}${webhook.path} is already used by the live workflow ${nameOf(holder.workflow)}`,
      remedy: `Unpublish ${nameOf(holder.workflow)} on the target or change its path, then restore again.`,
    };
  }
  return null;
}

/** Blocks the callers of a workflow that will not be live, and then the callers of those. */
function blockCallers(
  context: PlanContext,
  actions: readonly Action[],
  publishing: ReadonlyMap<string, WorkflowItem>,
  blocked: Map<string, Blocked>,
): void {
  const ends = new Map(
    actions.flatMap((action) => (isWorkflowAction(action) ? [[action.sourceId, action] as const] : [])),
  );
  const isLive = (id: string): boolean => {
    if (publishing.has(id)) return !blocked.has(id);
    const action = ends.get(id);
    if (action && action.work.live.do !== 'keep') return false;
    const target = context.identities.resolve('workflows', id) ?? id;
    const there = context.live.workflows.get(target);
    return there !== undefined && liveVersion(there) !== null && (!action || !isArchiving(action));
  };
  for (let found = true; found;) {
    found = false;
    for (const workflow of publishing.values()) {
      if (blocked.has(workflow.id)) continue;
      const missing = [...context.references.of(workflow).calls].find((id) => !isLive(id));
      if (missing === undefined) continue;
      blocked.set(workflow.id, blockedByCallee(context, missing));
      found = true;
    }
  }
}

function isArchiving({ work }: WorkflowAction): boolean {
  return work.archive === 'archive' || work.archive === 'around';
}

function blockedByCallee(context: PlanContext, id: string): Blocked {
  const callee = context.source.workflows.get(id);
  const name = callee ? nameOf(callee) : id;
  return {
    do: 'blocked',
    reason: `it calls workflow ${name}, which will not be live`,
    remedy: calleeRemedy(context, id, name),
  };
}

function calleeRemedy(context: PlanContext, id: string, name: string): string {
  const callee = context.source.workflows.get(id);
  if (!callee) return `Recreate workflow ${name}, or change the call, then publish manually.`;
  if (liveVersion(callee) !== null && !context.scope.get(keyOf('workflows', id))?.chosen)
    return `Restore ${name} as well (--only workflow:${id}).`;
  return `Publish ${name} and then this workflow manually: the workflow that it calls is not restored as live.`;
}

function nameOf(workflow: WorkflowItem): string {
  return `${JSON.stringify(workflow.name)} (${workflow.id})`;
}

/** Puts a blocked publication into the action; an update that would do nothing else is blocked as a whole. */
function withBlockedPublish(action: Action, blocked: ReadonlyMap<string, Blocked>): Action {
  if (!isPublishing(action)) return action;
  const live = blocked.get(action.sourceId);
  if (!live) return action;
  if (action.verb === 'update' && action.changes.every((change) => change.field === 'live')) {
    const { key, kind, name, neededBy, notes, sourceId, targetId, withheld } = action;
    return {
      ...{ key, kind, name, neededBy, notes, sourceId, targetId },
      ...(withheld && { withheld }),
      verb: 'blocked',
      why: `cannot become live: ${live.reason}`,
      remedy: live.remedy,
    } satisfies BlockedAction;
  }
  return { ...action, work: { ...action.work, live } };
}
