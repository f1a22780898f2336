import type { JsonObject } from '../../../lib/json/json.ts';
import { isN8nError } from '../../../n8n/http/errors.ts';
import { findReferences } from '../../../kinds/workflow-references.ts';
import { presentOf, targetIdOf, type ActionOf } from '../actions.ts';
import { attempt } from '../attempt.ts';
import type { ApplyContext } from '../context.ts';
import { publish } from './publication.ts';
import { putWorkflow } from './save-workflow.ts';
import { updateBody } from './update-workflows.ts';
import { draftOf, firstContent, hasSeparateDraft, itemOf } from './workflow-content.ts';

type Workflow = ActionOf<'workflows'>;

/**
 * Makes workflows live, those that are called first: n8n publishes none that calls an unpublished one. Then the draft
 * is laid over the live version where the two differ.
 */
export async function publishWorkflows(context: ApplyContext): Promise<void> {
  const actions = new Map(presentOf(context, 'workflows').map((action) => [action.sourceId, action]));
  let done = 0;
  for (const { workflows } of context.plan.publishGroups) {
    const group = workflows.flatMap((id) => actions.get(id) ?? []);
    await publishGroup(
      context,
      group.filter((action) => isToPublish(context, action)),
    );
    context.progress.update((done += 1), context.plan.publishGroups.length);
  }
  for (const action of actions.values()) {
    const { live } = action.work;
    if (live.do === 'blocked')
      context.outcomes.fail(action.key, `not published: ${live.reason}`, live.remedy);
    if (hasSeparateDraft(itemOf(context, action), action))
      await attempt(context, action, () => layDraftOver(context, action));
  }
}

/** A workflow whose content could not be written must not go live with another one. */
function isToPublish(context: ApplyContext, action: Workflow): boolean {
  return action.work.live.do === 'publish' && context.outcomes.get(action.key)?.status !== 'failed';
}

/**
 * Publishes workflows that call each other. Where each waits for another, one is published with its calls to them
 * switched off, then the others, then the first as it is (docs/n8n-api-notes.md, What a restore builds on).
 */
async function publishGroup(context: ApplyContext, group: readonly Workflow[]): Promise<void> {
  const opened: Workflow[] = [];
  let waiting = group;
  while (waiting.length > 0) {
    const refused = await publishPossible(context, waiting);
    if (refused.length < waiting.length) {
      waiting = refused;
      continue;
    }
    const [first, ...others] = refused;
    if (first && (await open(context, first, group))) opened.push(first);
    waiting = others;
  }
  for (const action of opened) await attempt(context, action, () => publishWhole(context, action));
}

/** @returns those that n8n refuses for now */
async function publishPossible(context: ApplyContext, actions: readonly Workflow[]): Promise<Workflow[]> {
  const refused: Workflow[] = [];
  for (const action of actions) {
    await attempt(context, action, async () => {
      try {
        await publish(context, targetIdOf(context, action));
      } catch (error) {
        if (!isN8nError(error, 'refused')) throw error;
        refused.push(action);
      }
    });
  }
  return refused;
}

/** Publishes a workflow without its calls into the group; one without such calls as it is, for n8n's words about it. */
async function open(context: ApplyContext, action: Workflow, group: readonly Workflow[]): Promise<boolean> {
  const content = firstContent(context, itemOf(context, action), action);
  const nodes = withoutCalls(content.nodes, new Set(group.map((each) => targetIdOf(context, each))));
  const id = targetIdOf(context, action);
  const changed = nodes.some((node, index) => node !== content.nodes[index]);
  const published = await attempt(context, action, async () => {
    if (changed) await putWorkflow(context, action, id, { ...firstBody(context, action), nodes });
    await publish(context, id);
  });
  if (published || !changed) return published && changed;
  await attempt(context, action, () => putWorkflow(context, action, id, firstBody(context, action)));
  return false;
}

function withoutCalls(nodes: readonly JsonObject[], callees: ReadonlySet<string>): JsonObject[] {
  return nodes.map((node) => {
    const { references } = findReferences({ nodes: [node] });
    const calls = references.some(({ role, id }) => role === 'call' && callees.has(id));
    return calls ? { ...node, disabled: true } : node;
  });
}

async function publishWhole(context: ApplyContext, action: Workflow): Promise<void> {
  const id = targetIdOf(context, action);
  await putWorkflow(context, action, id, firstBody(context, action));
  await publish(context, id);
}

function firstBody(context: ApplyContext, action: Workflow): JsonObject {
  const { nodes, connections, nodeGroups } = firstContent(context, itemOf(context, action), action);
  return { ...updateBody(context, action), nodes, connections, nodeGroups };
}

async function layDraftOver(context: ApplyContext, action: Workflow): Promise<void> {
  const { nodeGroups } = draftOf(context, itemOf(context, action));
  const body = { ...updateBody(context, action), nodeGroups };
  await putWorkflow(context, action, targetIdOf(context, action), body);
}
