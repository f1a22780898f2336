import type { JsonObject } from '../../../lib/json/json.ts';
import { isN8nError } from '../../../n8n/http/errors.ts';
import { findReferences } from '../../../kinds/workflows/workflow-references.ts';
import type { ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';
import { updateBody } from './update-workflows.ts';

type Workflow = ActionOf<'workflows'>;

/**
 * Makes workflows live, those that are called first: n8n publishes none that calls an unpublished one. Then the draft
 * is laid over the live version where the two differ.
 */
export async function publishWorkflows(context: ApplyContext): Promise<void> {
  const { actions, plan, progress, versions } = context;
  const present = new Map(actions.present('workflows').map((action) => [action.sourceId, action]));
  let done = 0;
  for (const { workflows } of plan.publishGroups) {
    const group = workflows.flatMap((id) => present.get(id) ?? []);
    await publishGroup(
      context,
      group.filter((action) => isToPublish(context, action)),
    );
    progress.update((done += 1), plan.publishGroups.length);
  }
  for (const action of present.values()) {
    const { live } = action.work;
    if (live.do === 'blocked') actions.outcomes.fail(action.key, `not published: ${live.reason}`, live.remedy);
    if (versions.hasSeparateDraft(action)) await actions.attempt(action, () => layDraftOver(context, action));
  }
}

/** A workflow whose content could not be written must not go live with another one. */
function isToPublish({ actions }: ApplyContext, action: Workflow): boolean {
  return action.work.live.do === 'publish' && actions.outcomes.get(action.key)?.status !== 'failed';
}

/**
 * Publishes workflows that call each other. Where each waits for another, one is published with its calls to them
 * switched off, then the others, then the first as it is (docs/internal/n8n-api-notes.md, What a restore builds on).
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
  await context.actions.attemptEach(opened, (action) => publishWhole(context, action));
}

/** @returns those that n8n refuses for now */
async function publishPossible(
  { actions, ids, workflows }: ApplyContext,
  group: readonly Workflow[],
): Promise<Workflow[]> {
  const refused: Workflow[] = [];
  await actions.attemptEach(group, async (action) => {
    try {
      await workflows.publish(ids.ofAction(action));
    } catch (error) {
      if (!isN8nError(error, 'refused')) throw error;
      refused.push(action);
    }
  });
  return refused;
}

/** Publishes a workflow without its calls into the group; one without such calls as it is, for n8n's words about it. */
async function open(context: ApplyContext, action: Workflow, group: readonly Workflow[]): Promise<boolean> {
  const { actions, ids, versions, workflows } = context;
  const content = versions.first(action);
  const nodes = withoutCalls(content.nodes, new Set(group.map((each) => ids.ofAction(each))));
  const id = ids.ofAction(action);
  const changed = nodes.some((node, index) => node !== content.nodes[index]);
  const published = await actions.attempt(action, async () => {
    if (changed) await workflows.update(action, id, { ...firstBody(context, action), nodes });
    await workflows.publish(id);
  });
  if (published || !changed) return published && changed;
  await actions.attempt(action, () => workflows.update(action, id, firstBody(context, action)));
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
  const id = context.ids.ofAction(action);
  await context.workflows.update(action, id, firstBody(context, action));
  await context.workflows.publish(id);
}

function firstBody(context: ApplyContext, action: Workflow): JsonObject {
  return { ...updateBody(context, action), ...context.versions.first(action) };
}

async function layDraftOver(context: ApplyContext, action: Workflow): Promise<void> {
  const { nodeGroups } = context.versions.draft(action);
  const body = { ...updateBody(context, action), nodeGroups };
  await context.workflows.update(action, context.ids.ofAction(action), body);
}

/** n8n changes no archived workflow, so those that are to be changed leave the archive first. */
export async function unarchiveWorkflows({ actions, workflows }: ApplyContext): Promise<void> {
  const archived = actions
    .updates('workflows')
    .filter(({ work }) => work.archive === 'unarchive' || work.archive === 'around');
  await actions.attemptEach(archived, ({ targetId }) => workflows.unarchive(targetId));
}

/** Archives what the snapshot has archived, whatever else of it succeeded. */
export async function archiveWorkflows({ actions, ids, workflows }: ApplyContext): Promise<void> {
  const archived = actions
    .present('workflows')
    .filter(({ work }) => work.archive === 'archive' || work.archive === 'around');
  await actions.attemptEach(archived, (action) => workflows.archive(ids.ofAction(action)));
}
