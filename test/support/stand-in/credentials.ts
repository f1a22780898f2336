import { isJsonObject, type Json, type JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest, conflict, notFound } from './api-error.ts';
import { asText, checkBody, requiredText, textField } from './body.ts';
import { CREDENTIAL_SCHEMAS } from './credential-schemas.ts';
import { noContent, ok, param, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { listPage, ordered, pageWindow } from './paging.ts';
import { personalProject, stamps, type Credential, type State } from './state.ts';

export const credentialRoutes: readonly Route[] = [
  { method: 'GET', path: '/credentials', scope: 'credential:list', since: 'current', handle: list },
  { method: 'POST', path: '/credentials', scope: 'credential:create', handle: create },
  { method: 'GET', path: '/credentials/schema/:type', handle: schema },
  {
    method: 'GET',
    path: '/credentials/:id',
    scope: 'credential:read',
    since: 'current',
    handle: (request, state) => ok(credentialView(existing(request, state))),
  },
  { method: 'PATCH', path: '/credentials/:id', scope: 'credential:update', since: 'current', handle: update },
  { method: 'DELETE', path: '/credentials/:id', scope: 'credential:delete', handle: remove },
  { method: 'PUT', path: '/credentials/:id/transfer', scope: 'credential:move', handle: transfer },
];

function list({ query }: ApiRequest, state: State): ApiAnswer {
  const all = ordered(state.credentials.values(), state.listingOrder, 'newest-first');
  return ok(listPage(all, pageWindow(query, 'capped'), (credential) => listedCredential(credential, state)));
}

function listedCredential(credential: Credential, state: State): JsonObject {
  const { id, name, type, createdAt, updatedAt, projectId, sharedAt } = credential;
  const project = state.projects.get(projectId);
  const shared = {
    id: projectId,
    name: project?.name ?? '',
    role: 'credential:owner',
    createdAt: sharedAt,
    updatedAt: sharedAt,
  };
  return { id, name, type, createdAt, updatedAt, shared: [shared] };
}

function credentialView({ id, name, type, createdAt, updatedAt }: Credential): JsonObject {
  return {
    ...{ id, name, type, isManaged: false, isGlobal: false, isResolvable: false },
    ...{ resolvableAllowFallback: false, resolverId: null, createdAt, updatedAt },
  };
}

function schema(request: ApiRequest): ApiAnswer {
  const found = CREDENTIAL_SCHEMAS[param(request, 'type')];
  if (found === undefined) throw notFound();
  return ok(found);
}

function create(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, { required: ['name', 'type', 'data'], unknown: 'ignore' });
  const id = textField(body, 'id');
  if (id !== undefined) checkId(id, state);
  const type = requiredText(body, 'type');
  const data = acceptedData(type, body['data']);
  const projectId = textField(body, 'projectId') ?? personalProject(state).id;
  if (!state.projects.has(projectId)) throw notFound('Project not found');
  const credential = addCredential(state, {
    id: id ?? state.ids.nano(),
    name: requiredText(body, 'name'),
    type,
    data,
    projectId,
    isStub: false,
  });
  return ok(credentialView(credential));
}

type NewCredential = Pick<Credential, 'id' | 'name' | 'type' | 'data' | 'projectId' | 'isStub'>;

/** Adds a credential without any check. */
export function addCredential(state: State, input: NewCredential): Credential {
  const timestamp = state.timestamp();
  const credential: Credential = { ...stamps(timestamp), ...input, sharedAt: timestamp };
  state.credentials.set(credential.id, credential);
  return credential;
}

function checkId(id: string, state: State): void {
  if (id.length > 16) throw badRequest('request/body/id String must contain at most 16 character(s)');
  if (!/^[A-Za-z0-9_-]+$/.test(id)) throw badRequest('request/body/id Invalid');
  if (state.credentials.has(id)) throw conflict('A credential with this ID already exists');
}

/** The data of a credential, checked against the schema of its type as n8n does: known keys, and those it requires. */
function acceptedData(type: string, data: Json | undefined): JsonObject {
  const rules = CREDENTIAL_SCHEMAS[type];
  if (rules === undefined) throw badRequest('req.body.type is not a known type');
  if (!isJsonObject(data)) throw badRequest('request/body/data must be object');
  const properties = isJsonObject(rules['properties']) ? rules['properties'] : {};
  for (const key of Object.keys(data)) {
    if (!(key in properties)) {
      throw badRequest(`request.body.data is not allowed to have the additional property "${key}"`);
    }
  }
  for (const key of Array.isArray(rules['required']) ? rules['required'] : []) {
    if (!(asText(key) in data)) throw badRequest(`request.body.data requires property "${asText(key)}"`);
  }
  return data;
}

function update(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, { required: [], unknown: 'ignore' });
  const credential = existing(request, state);
  const type = textField(body, 'type') ?? credential.type;
  if (type !== credential.type && body['data'] === undefined) {
    throw badRequest(
      'req.body.data is required when changing credential type. The existing data cannot be used with the new type.',
    );
  }
  if (body['data'] !== undefined) {
    credential.data = acceptedData(type, body['data']);
    credential.isStub = false;
  }
  credential.type = type;
  credential.name = textField(body, 'name') ?? credential.name;
  credential.updatedAt = state.timestamp();
  return ok(credentialView(credential));
}

function remove(request: ApiRequest, state: State): ApiAnswer {
  const credential = state.credentials.get(param(request, 'id'));
  if (credential === undefined) throw notFound();
  state.credentials.delete(credential.id);
  return ok({ ...credentialView(credential), usageScope: 'project' });
}

function transfer(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, { required: ['destinationProjectId'], unknown: 'ignore' });
  const credential = existing(request, state);
  const projectId = requiredText(body, 'destinationProjectId');
  if (!state.projects.has(projectId)) throw notFound(`Could not find project with ID: ${projectId}`);
  Object.assign(credential, { projectId, sharedAt: state.timestamp() });
  return noContent();
}

function existing(request: ApiRequest, state: State): Credential {
  const credential = state.credentials.get(param(request, 'id'));
  if (credential === undefined) throw notFound('Credential not found');
  return credential;
}
