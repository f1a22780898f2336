import { isJsonObject, type JsonObject } from '../../../lib/json/json.ts';
import { segment } from '../../../n8n/http/types.ts';
import type { UpdateAction } from '../../plan/types.ts';
import { updatesOf, type ActionOf } from '../actions.ts';
import { attempt, forEach } from '../attempt.ts';
import type { ApplyContext } from '../context.ts';
import { namedProject } from '../items/named-project.ts';
import { unpublish } from './publication.ts';
import { putWorkflow } from './save-workflow.ts';
import { draftOf, firstContent, hasSeparateDraft, itemOf } from './workflow-content.ts';

type Update = ActionOf<'workflows', UpdateAction>;

const AT_A_TIME = 4;

/** Writes what differs of workflows that exist: their place, and their draft. A live version stays live meanwhile. */
export async function updateWorkflows(context: ApplyContext): Promise<void> {
  await forEach(updatesOf(context, 'workflows'), AT_A_TIME, async (action) => {
    await attempt(context, action, () => update(context, action));
  });
}

async function update(context: ApplyContext, action: Update): Promise<void> {
  const item = itemOf(context, action);
  const { work, targetId } = action;
  if (work.live.do === 'unpublish') await unpublish(context, targetId);
  if (work.move.project) await transfer(context, action);
  const folder = work.move.folder ? { parentFolderId: folderOf(context, action) } : {};
  const separate = hasSeparateDraft(item, action);
  if (work.draft.length === 0 && !work.move.folder && !separate) return;
  const body = { ...updateBody(context, action), ...firstContentMembers(context, action), ...folder };
  await putWorkflow(context, action, targetId, body);
}

/** The request that makes the draft what the plan says. `PUT` always requires name, nodes, connections and settings. */
export function updateBody(context: ApplyContext, action: ActionOf<'workflows'>): JsonObject {
  const item = itemOf(context, action);
  const draft = draftOf(context, item);
  const optional: JsonObject = {
    description: draft.description,
    nodeGroups: draft.nodeGroups,
    pinData: draft.pinData,
    staticData: draft.staticData,
  };
  const wanted = Object.entries(optional).filter(([member]) =>
    action.work.draft.some((field) => field === member),
  );
  return {
    name: action.name,
    nodes: draft.nodes,
    connections: draft.connections,
    settings: { ...clearedSettings(context, action, draft.settings), ...draft.settings },
    ...Object.fromEntries(wanted),
  };
}

function firstContentMembers(context: ApplyContext, action: Update): JsonObject {
  const item = itemOf(context, action);
  if (!hasSeparateDraft(item, action)) return {};
  const { nodes, connections, nodeGroups } = firstContent(context, item, action);
  return { nodes, connections, nodeGroups };
}

/**
 * n8n adds the settings that it gets to those that are there. One that shall go is set to what n8n takes for "none",
 * where the public API lets it: `workflow-helpers` removes DEFAULT, and an execution timeout of -1.
 */
const CLEARED: Readonly<JsonObject> = { errorWorkflow: 'DEFAULT', timezone: 'DEFAULT', executionTimeout: -1 };

function clearedSettings(
  context: ApplyContext,
  action: ActionOf<'workflows'>,
  wanted: JsonObject,
): JsonObject {
  if (action.verb !== 'update') return {};
  const settings = context.live.workflows.get(action.targetId)?.draft.settings;
  const there = isJsonObject(settings) ? Object.keys(settings) : [];
  return Object.fromEntries(
    Object.entries(CLEARED).filter(([key]) => there.includes(key) && !Object.hasOwn(wanted, key)),
  );
}

async function transfer(context: ApplyContext, action: Update): Promise<void> {
  const destinationProjectId = namedProject(context, action.work.projectId);
  const path = `/workflows/${segment(action.targetId)}/transfer`;
  await context.client.put(path, { destinationProjectId }, { signal: context.signal });
}

function folderOf(context: ApplyContext, action: Update): string | null {
  const { folderId } = action.work;
  return folderId === null ? null : context.ids.idOf('folders', folderId);
}
