import { isJsonObject, type JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest, conflict, notFound } from './api-error.ts';
import { asText, checkBody, requiredText, textField, type BodyRules } from './body.ts';
import { noContent, ok, param, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { listPage, ordered, pageWindow } from './paging.ts';
import { draftOf, type State, type Workflow, type WorkflowVersion } from './state.ts';
import { addWorkflow, publish, saveDraft, setArchived, unpublish } from './workflow-actions.ts';
import { acceptedContent, acceptedSettings, checkCredentials, checkName, mergedSettings } from './workflow-rules.ts';
import {
  createdWorkflow,
  listedWorkflow,
  publishedWorkflow,
  retiredWorkflow,
  tagView,
  updatedWorkflow,
  workflowDetail,
} from './workflow-views.ts';

export const workflowRoutes: readonly Route[] = [
  { method: 'GET', path: '/workflows', scope: 'workflow:list', handle: list },
  { method: 'POST', path: '/workflows', scope: 'workflow:create', handle: create },
  {
    method: 'GET',
    path: '/workflows/:id',
    scope: 'workflow:read',
    handle: (request, state) => ok(workflowDetail(existing(request, state), state)),
  },
  { method: 'PUT', path: '/workflows/:id', scope: 'workflow:update', handle: update },
  { method: 'DELETE', path: '/workflows/:id', scope: 'workflow:delete', handle: remove },
  { method: 'GET', path: '/workflows/:id/tags', scope: 'workflowTags:list', handle: listTags },
  { method: 'PUT', path: '/workflows/:id/tags', scope: 'workflowTags:update', handle: setTags },
  { method: 'POST', path: '/workflows/:id/activate', scope: 'workflow:activate', handle: publishRoute },
  { method: 'POST', path: '/workflows/:id/deactivate', scope: 'workflow:deactivate', handle: unpublishRoute },
  {
    method: 'POST',
    path: '/workflows/:id/publish',
    scope: 'workflow:activate',
    since: 'current',
    handle: publishRoute,
  },
  {
    method: 'POST',
    path: '/workflows/:id/unpublish',
    scope: 'workflow:deactivate',
    since: 'current',
    handle: unpublishRoute,
  },
  {
    method: 'POST',
    path: '/workflows/:id/archive',
    scope: 'workflow:delete',
    since: 'current',
    handle: archive,
  },
  {
    method: 'POST',
    path: '/workflows/:id/unarchive',
    scope: 'workflow:delete',
    since: 'current',
    handle: unarchive,
  },
  { method: 'PUT', path: '/workflows/:id/transfer', scope: 'workflow:move', handle: transfer },
  {
    method: 'GET',
    path: '/workflows/:id/history',
    scope: 'workflow:read',
    since: 'current',
    handle: history,
  },
  {
    method: 'GET',
    path: '/workflows/:id/versions/:versionId',
    scope: 'workflow:read',
    since: 'current',
    handle: showVersion,
  },
];

function list({ query }: ApiRequest, state: State): ApiAnswer {
  // Asked once, not for each workflow: a listing of thousands must not cost more for each of them.
  const active = query.get('active');
  const name = query.get('name');
  const projectId = query.get('projectId');
  const tags = query.get('tags')?.split(',');
  const matches = (workflow: Workflow) =>
    (active === null || (active === 'true') === (workflow.activeVersionId !== null)) &&
    (name === null || workflow.name.includes(name)) &&
    (projectId === null || workflow.projectId === projectId) &&
    (tags === undefined || tags.every((tag) => workflow.tagIds.some((id) => state.tags.get(id)?.name === tag)));
  const found = ordered(state.workflows.values(), state.listingOrder, 'id').filter(matches);
  const withPinData = query.get('excludePinnedData') !== 'true';
  return ok(listPage(found, pageWindow(query, 'capped'), (item) => listedWorkflow(item, state, withPinData)));
}

const WRITABLE = ['staticData', 'pinData', 'nodeGroups', 'shared', 'parentFolderId'];
const CREATE_RULES: BodyRules = {
  required: ['name', 'nodes', 'connections', 'settings'],
  optional: [...WRITABLE, 'projectId'],
  readOnly: ['id', 'active', 'tags', 'meta', 'versionId', 'isArchived'],
};
const UPDATE_RULES: BodyRules = { ...CREATE_RULES, optional: [...WRITABLE, 'description'] };

function create(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, CREATE_RULES);
  const name = requiredText(body, 'name');
  const content = acceptedContent(body);
  const settings = acceptedSettings(body['settings']);
  checkName(name);
  const placement = acceptedPlacement(body, state);
  checkCredentials(content.nodes, state);
  const { staticData, pinData } = acceptedData(body);
  const workflow = addWorkflow(state, {
    ...content,
    ...placement,
    name,
    settings,
    staticData: staticData ?? null,
    pinData: pinData ?? null,
  });
  return ok(createdWorkflow(workflow, state));
}

function acceptedPlacement(body: JsonObject, state: State): { projectId?: string; parentFolderId?: string } {
  const projectId = textField(body, 'projectId');
  const parentFolderId = textField(body, 'parentFolderId');
  if (projectId !== undefined && !state.projects.has(projectId)) throw notFound('Project not found');
  if (parentFolderId === undefined) return projectId === undefined ? {} : { projectId };
  const folder = state.folders.get(parentFolderId);
  const home = projectId ?? [...state.projects.keys()][0];
  if (folder === undefined || folder.projectId !== home) {
    throw notFound(`Could not find the folder: ${parentFolderId}`);
  }
  return { projectId: folder.projectId, parentFolderId };
}

/** staticData and pinData of a body: undefined where it does not name them, so that an update keeps them. */
function acceptedData(body: JsonObject): { staticData?: JsonObject | null; pinData?: JsonObject | null } {
  const data: { staticData?: JsonObject | null; pinData?: JsonObject | null } = {};
  for (const key of ['staticData', 'pinData'] as const) {
    const value = body[key];
    if (value !== undefined) data[key] = isJsonObject(value) ? value : null;
  }
  return data;
}

function update(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, UPDATE_RULES);
  if (body['description'] === null) {
    throw badRequest('request/body/description Expected string, received null');
  }
  const settings = acceptedSettings(body['settings']);
  const workflow = state.workflows.get(param(request, 'id'));
  if (workflow === undefined) throw notPermitted('update');
  if (workflow.isArchived) throw badRequest('Cannot update an archived workflow.');
  const content = acceptedContent(body, draftOf(workflow));
  const name = requiredText(body, 'name');
  checkName(name);
  checkCredentials(content.nodes, state);
  const parentFolderId = acceptedFolder(body, workflow, state);
  saveDraft(state, workflow, content);
  Object.assign(workflow, { name, parentFolderId, ...acceptedData(body) });
  // n8n merges settings: a key that the body leaves out stays.
  workflow.settings = mergedSettings(workflow.settings, settings);
  workflow.description = textField(body, 'description') ?? workflow.description;
  if (workflow.activeVersionId !== null && request.query.get('publishIfActive') !== 'false') publish(state, workflow);
  return ok(updatedWorkflow(workflow, state));
}

/** Where a PUT puts the workflow: null, an empty id and `0` are the root of its project; without the field it stays. */
function acceptedFolder(body: JsonObject, workflow: Workflow, state: State): string | null {
  const wanted = body['parentFolderId'];
  if (wanted === undefined) return workflow.parentFolderId;
  if (typeof wanted !== 'string' || wanted === '' || wanted === '0') return null;
  if (state.folders.get(wanted)?.projectId === workflow.projectId) return wanted;
  throw notFound(`Could not find the folder: ${wanted}`);
}

function remove(request: ApiRequest, state: State): ApiAnswer {
  const workflow = existing(request, state);
  if (workflow.activeVersionId !== null && state.options.version === 'current') {
    throw conflict('Cannot delete a published workflow. Unpublish it before deleting.');
  }
  state.workflows.delete(workflow.id);
  const { activeVersion: _, ...answer } = retiredWorkflow(workflow, state);
  return ok(answer);
}

function publishRoute(request: ApiRequest, state: State): ApiAnswer {
  const workflow = state.workflows.get(param(request, 'id'));
  if (workflow === undefined) throw notPermitted('activate');
  const body = isJsonObject(request.body) ? request.body : {};
  publish(state, workflow, textField(body, 'versionId'));
  const live: WorkflowVersion | undefined = workflow.versions.get(workflow.activeVersionId ?? '');
  if (live !== undefined) {
    live.name = textField(body, 'name') ?? live.name;
    live.description = textField(body, 'description') ?? live.description;
  }
  return ok(publishedWorkflow(workflow, state));
}

function unpublishRoute(request: ApiRequest, state: State): ApiAnswer {
  const workflow = state.workflows.get(param(request, 'id'));
  if (workflow === undefined) throw notPermitted('deactivate');
  unpublish(state, workflow);
  return ok(retiredWorkflow(workflow, state));
}

function archive(request: ApiRequest, state: State): ApiAnswer {
  const workflow = existing(request, state, 'Workflow not found');
  setArchived(state, workflow, true);
  return ok(retiredWorkflow(workflow, state));
}

function unarchive(request: ApiRequest, state: State): ApiAnswer {
  const workflow = existing(request, state, 'Workflow not found');
  if (!workflow.isArchived) throw badRequest('Workflow is not archived.');
  setArchived(state, workflow, false);
  return ok(retiredWorkflow(workflow, state));
}

function transfer(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, { required: ['destinationProjectId'], unknown: 'ignore' });
  const projectId = requiredText(body, 'destinationProjectId');
  const workflow = existing(request, state);
  if (!state.projects.has(projectId)) {
    throw notFound(
      `Could not find project with the id "${projectId}". Make sure you have the permission to create workflows in it.`,
    );
  }
  if (workflow.projectId === projectId && workflow.parentFolderId === null) {
    throw badRequest("You can't transfer a workflow into the same destination it already belongs to.");
  }
  // The new home is always its root; n8n ignores destinationParentFolderId.
  Object.assign(workflow, { projectId, parentFolderId: null, sharedAt: state.timestamp() });
  return noContent();
}

function listTags(request: ApiRequest, state: State): ApiAnswer {
  return ok(
    existing(request, state)
      .tagIds.flatMap((id) => state.tags.get(id) ?? [])
      .map(tagView),
  );
}

function setTags(request: ApiRequest, state: State): ApiAnswer {
  const workflow = existing(request, state);
  const wanted = Array.isArray(request.body) ? request.body : [];
  const ids = wanted.flatMap((entry) => (isJsonObject(entry) ? [asText(entry['id'])] : []));
  if (ids.some((id) => !state.tags.has(id))) throw notFound('Some tags not found');
  workflow.tagIds = [...new Set(ids)];
  return listTags(request, state);
}

function history(request: ApiRequest, state: State): ApiAnswer {
  const workflow = existing(request, state);
  const versions = [...workflow.versions.values()].reverse();
  const view = (version: WorkflowVersion): JsonObject => {
    const { nodes: _, connections: __, nodeGroups: ___, ...facts } = versionView(workflow, version);
    return facts;
  };
  return ok(listPage(versions, pageWindow(request.query, 'capped'), view));
}

function showVersion(request: ApiRequest, state: State): ApiAnswer {
  const workflow = existing(request, state);
  const version = workflow.versions.get(param(request, 'versionId'));
  if (version === undefined) throw notFound('Version not found');
  return ok(versionView(workflow, version));
}

function versionView(workflow: Workflow, version: WorkflowVersion): JsonObject {
  const { versionId, nodes, connections, nodeGroups, authors, name, description, createdAt, updatedAt } = version;
  return {
    ...{ versionId, workflowId: workflow.id, nodes, connections, nodeGroups },
    ...{ authors, name, description, createdAt, updatedAt },
  };
}

function existing(request: ApiRequest, state: State, message?: string): Workflow {
  const workflow = state.workflows.get(param(request, 'id'));
  if (workflow === undefined) throw notFound(message);
  return workflow;
}

function notPermitted(action: string): Error {
  return notFound(`You do not have permission to ${action} this workflow. Ask the owner to share it with you.`);
}
