import type { JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest, notFound } from './api-error.ts';
import { checkBody, requiredText, textField } from './body.ts';
import { noContent, ok, param, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { listPage, ordered, pageWindow } from './paging.ts';
import type { State, Variable } from './state.ts';
import { projectView } from './workflow-views.ts';

const feature = 'feat:variables';

export const variableRoutes: readonly Route[] = [
  { method: 'GET', path: '/variables', scope: 'variable:list', feature, handle: list },
  { method: 'POST', path: '/variables', scope: 'variable:create', feature, handle: create },
  { method: 'PUT', path: '/variables/:id', scope: 'variable:update', feature, handle: update },
  { method: 'DELETE', path: '/variables/:id', scope: 'variable:delete', feature, handle: remove },
];

function list({ query }: ApiRequest, state: State): ApiAnswer {
  const projectId = query.get('projectId');
  const found = ordered(state.variables.values(), state.listingOrder, 'oldest-first').filter(
    (variable) => projectId === null || (variable.projectId ?? 'null') === projectId,
  );
  return ok(listPage(found, pageWindow(query, 'capped'), (variable) => view(variable, state)));
}

function view({ id, key, value, type, projectId }: Variable, state: State): JsonObject {
  const project = projectId === null ? undefined : state.projects.get(projectId);
  return { id, key, value, type, project: project === undefined ? null : projectView(project) };
}

const RULES = { required: ['key', 'value'], optional: ['projectId', 'type'], readOnly: ['id'] };

function create(request: ApiRequest, state: State): ApiAnswer {
  const { key, value, projectId } = acceptedVariable(request, state);
  if (findVariable(state, key, projectId) !== undefined) throw alreadyExists(key, projectId);
  addVariable(state, { key, value, projectId });
  // Measured: 201 without a body.
  return { status: 201, empty: true };
}

/** Adds a variable without any check. */
export function addVariable(state: State, input: Pick<Variable, 'key' | 'value' | 'projectId'>): Variable {
  const variable: Variable = { ...input, id: state.ids.nano(), type: 'string' };
  state.variables.set(variable.id, variable);
  return variable;
}

/** The variable of that key in exactly this scope (null: global). */
export function findVariable(state: State, key: string, projectId: string | null): Variable | undefined {
  return [...state.variables.values()].find((item) => item.key === key && item.projectId === projectId);
}

function update(request: ApiRequest, state: State): ApiAnswer {
  const { key, value, projectId } = acceptedVariable(request, state);
  const id = param(request, 'id');
  const variable = state.variables.get(id);
  if (variable === undefined) throw notFound(`Variable with id ${id} not found`);
  const holder = findVariable(state, key, projectId);
  if (holder !== undefined && holder.id !== id) throw alreadyExists(key, projectId);
  Object.assign(variable, { key, value, projectId });
  return noContent();
}

/** A delete of an unknown id is 204 as well. */
function remove(request: ApiRequest, state: State): ApiAnswer {
  state.variables.delete(param(request, 'id'));
  return noContent();
}

function acceptedVariable(request: ApiRequest, state: State): Pick<Variable, 'key' | 'value' | 'projectId'> {
  const body = checkBody(request.body, RULES);
  const key = requiredText(body, 'key');
  const value = requiredText(body, 'value');
  const projectId = textField(body, 'projectId') ?? null;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
    throw badRequest(
      'request/body/key key can only contain letters, numbers (not as first character), and underscores (A-Za-z0-9_)',
    );
  }
  if (value.length > 1000) throw badRequest('request/body/value value cannot be longer than 1000 characters');
  if (projectId !== null && !state.projects.has(projectId)) throw notFound('Project not found');
  return { key, value, projectId };
}

function alreadyExists(key: string, projectId: string | null): Error {
  const scope = projectId === null ? 'A global' : 'A project';
  return badRequest(`${scope} variable with key "${key}" already exists`);
}
