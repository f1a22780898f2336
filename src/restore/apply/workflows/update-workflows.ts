import { isJsonObject, type JsonObject } from '../../../lib/json/json.ts';
import { segment } from '../../../n8n/http/types.ts';
import type { UpdateAction } from '../../plan/types.ts';
import type { ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';

type Update = ActionOf<'workflows', UpdateAction>;

const AT_A_TIME = 4;

/** Writes what differs of workflows that exist: their place, and their draft. A live version stays live meanwhile. */
export async function updateWorkflows(context: ApplyContext): Promise<void> {
  const { actions } = context;
  await actions.attemptEach(actions.updates('workflows'), (action) => update(context, action), AT_A_TIME);
}

async function update(context: ApplyContext, action: Update): Promise<void> {
  const { client, ids, versions, workflows } = context;
  const { work, targetId } = action;
  const separate = versions.hasSeparateDraft(action);
  if (work.live.do === 'unpublish') await workflows.unpublish(targetId);
  if (work.move.project) {
    const destinationProjectId = ids.namedProject(work.projectId);
    await client.put(`/workflows/${segment(targetId)}/transfer`, { destinationProjectId });
  }
  if (work.draft.length === 0 && !work.move.folder && !separate) return;
  await workflows.update(action, targetId, {
    ...updateBody(context, action),
    ...(separate ? versions.first(action) : {}),
    ...(work.move.folder ? { parentFolderId: ids.folderOf(work.folderId) } : {}),
  });
}

/** The request that makes the draft what the plan says. `PUT` always requires name, nodes, connections and settings. */
export function updateBody(context: ApplyContext, action: ActionOf<'workflows'>): JsonObject {
  const { nodes, connections, settings, ...optional } = context.versions.draft(action);
  const wanted = Object.entries(optional).filter(([member]) => action.work.draft.some((field) => field === member));
  return {
    name: action.name,
    nodes,
    connections,
    settings: { ...clearedSettings(context, action, settings), ...settings },
    ...Object.fromEntries(wanted),
  };
}

/**
 * n8n adds the settings that it gets to those that are there. One that shall go is set to what n8n takes for "none",
 * where the public API lets it: `workflow-helpers` removes DEFAULT, and an execution timeout of -1.
 */
const CLEARED: Readonly<JsonObject> = { errorWorkflow: 'DEFAULT', timezone: 'DEFAULT', executionTimeout: -1 };

function clearedSettings({ live }: ApplyContext, action: ActionOf<'workflows'>, wanted: JsonObject): JsonObject {
  if (action.verb !== 'update') return {};
  const settings = live.workflows.get(action.targetId)?.draft.settings;
  const there = isJsonObject(settings) ? Object.keys(settings) : [];
  return Object.fromEntries(
    Object.entries(CLEARED).filter(([key]) => there.includes(key) && !Object.hasOwn(wanted, key)),
  );
}
