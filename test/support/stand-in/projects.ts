import { isJsonObject, type JsonObject } from '../../../src/lib/json/json.ts';
import { ApiError, badRequest, notFound } from './api-error.ts';
import { asText, checkBody, requiredText } from './body.ts';
import { created, noContent, ok, param, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { listPage, ordered, pageWindow } from './paging.ts';
import { stamps, type Project, type State, type User } from './state.ts';
import { projectView } from './workflow-views.ts';

const feature = 'feat:projectRole:admin';
const members = { scope: 'project:manageMembers', feature } as const;

export const projectRoutes: readonly Route[] = [
  { method: 'GET', path: '/projects', scope: 'project:list', feature, handle: list },
  { method: 'POST', path: '/projects', scope: 'project:create', feature, handle: create },
  { method: 'PUT', path: '/projects/:projectId', scope: 'project:update', feature, handle: update },
  { method: 'DELETE', path: '/projects/:projectId', scope: 'project:delete', feature, handle: remove },
  { method: 'GET', path: '/projects/:projectId/users', scope: 'user:list', feature, handle: listMembers },
  { method: 'POST', path: '/projects/:projectId/users', ...members, handle: addMembers },
  { method: 'PATCH', path: '/projects/:projectId/users/:userId', ...members, handle: changeMember },
  { method: 'DELETE', path: '/projects/:projectId/users/:userId', ...members, handle: removeMember },
];

function list({ query }: ApiRequest, state: State): ApiAnswer {
  const all = ordered(state.projects.values(), state.listingOrder, 'oldest-first');
  return ok(listPage(all, pageWindow(query, 'capped'), projectView));
}

/** n8n takes a name alone; icon and description are 400 `Unrecognized key(s)`. */
const RULES = { required: ['name'], readOnly: ['id', 'type'] };

function acceptedName(request: ApiRequest): string {
  const name = requiredText(checkBody(request.body, RULES), 'name');
  if (name === '') throw badRequest('request/body/name String must contain at least 1 character(s)');
  return name;
}

function create(request: ApiRequest, state: State): ApiAnswer {
  const project = addProject(state, { id: state.ids.nano(), name: acceptedName(request) });
  return created({
    ...projectView(project),
    role: 'project:admin',
    scopes: ['workflow:create', 'workflow:read'],
  });
}

/** Adds a team project, whose admin is the owner, without any check. */
export function addProject(state: State, { id, name }: Pick<Project, 'id' | 'name'>): Project {
  const project: Project = {
    ...stamps(state.timestamp()),
    ...{ id, name, type: 'team', icon: null, description: null, creatorId: state.owner.id },
    members: new Map([[state.owner.id, 'project:admin']]),
  };
  state.projects.set(id, project);
  return project;
}

function update(request: ApiRequest, state: State): ApiAnswer {
  const name = acceptedName(request);
  const project = existing(request, state);
  Object.assign(project, { name, updatedAt: state.timestamp() });
  return noContent();
}

/** Measured: a project goes with everything that is in it. */
function remove(request: ApiRequest, state: State): ApiAnswer {
  const project = existing(request, state);
  if (project.type !== 'team') {
    throw new ApiError(403, `Can't delete project. Project with ID "${project.id}" is not a team project.`);
  }
  for (const table of [state.workflows, state.credentials, state.dataTables, state.folders, state.variables]) {
    for (const [id, item] of table) if (item.projectId === project.id) table.delete(id);
  }
  state.projects.delete(project.id);
  return noContent();
}

function listMembers(request: ApiRequest, state: State): ApiAnswer {
  const project = state.projects.get(param(request, 'projectId'));
  if (project === undefined) throw notFound(`Could not find project with ID "${param(request, 'projectId')}"`);
  const users = [...project.members].flatMap(([id, role]) => {
    const user = state.users.get(id);
    return user === undefined ? [] : [{ user, role }];
  });
  return ok(listPage(users, pageWindow(request.query, 'capped'), memberView));
}

function memberView({ user, role }: { user: User; role: string }): JsonObject {
  const { id, email, firstName, lastName, createdAt, updatedAt } = user;
  return { id, email, firstName, lastName, createdAt, updatedAt, role };
}

function addMembers(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, { required: ['relations'] });
  const project = existing(request, state);
  const relations = (Array.isArray(body['relations']) ? body['relations'] : []).filter(isJsonObject);
  // Measured: a user who does not exist is an internal error of n8n.
  if (relations.some((relation) => !state.users.has(asText(relation['userId'])))) {
    throw new ApiError(500, 'Internal server error');
  }
  for (const relation of relations) project.members.set(asText(relation['userId']), asText(relation['role']));
  return { status: 201, empty: true };
}

function changeMember(request: ApiRequest, state: State): ApiAnswer {
  const role = requiredText(checkBody(request.body, { required: ['role'] }), 'role');
  existing(request, state).members.set(param(request, 'userId'), role);
  return noContent();
}

function removeMember(request: ApiRequest, state: State): ApiAnswer {
  existing(request, state).members.delete(param(request, 'userId'));
  return noContent();
}

function existing(request: ApiRequest, state: State): Project {
  const id = param(request, 'projectId');
  const project = state.projects.get(id);
  if (project === undefined) throw notFound(`Could not find project with ID: ${id}`);
  return project;
}
