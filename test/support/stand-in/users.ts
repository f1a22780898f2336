import { isJsonObject, type JsonObject } from '../../../src/lib/json/json.ts';
import { ApiError, badRequest, notFound } from './api-error.ts';
import { asText } from './body.ts';
import { created, noContent, ok, param, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { listPage, ordered, pageWindow } from './paging.ts';
import { addPersonalProject, stamps, type State, type User } from './state.ts';

export const userRoutes: readonly Route[] = [
  { method: 'GET', path: '/users', scope: 'user:list', handle: list },
  { method: 'POST', path: '/users', scope: 'user:create', handle: invite },
  { method: 'GET', path: '/users/:id', scope: 'user:read', handle: show },
  { method: 'DELETE', path: '/users/:id', scope: 'user:delete', handle: remove },
];

function list({ query }: ApiRequest, state: State): ApiAnswer {
  const window = pageWindow(query, 'refused');
  const all = ordered(state.users.values(), state.listingOrder, 'id');
  return ok(listPage(all, window, (user) => view(user, query)));
}

function view(user: User, query: URLSearchParams): JsonObject {
  const { id, email, firstName, lastName, createdAt, updatedAt, isPending, role } = user;
  const base = { id, email, firstName, lastName, createdAt, updatedAt, isPending, mfaEnabled: false };
  return query.get('includeRole') === 'true' ? { ...base, role } : base;
}

function show(request: ApiRequest, state: State): ApiAnswer {
  return ok(view(existing(request, state), request.query));
}

function invite(request: ApiRequest, state: State): ApiAnswer {
  const wanted = (Array.isArray(request.body) ? request.body : []).filter(isJsonObject);
  for (const [index, { email }] of wanted.entries()) {
    if (!/^[^@\s]+@[^@\s]+$/.test(asText(email))) {
      throw badRequest(`request/body/${index}/email must match format "email"`);
    }
  }
  return created(wanted.map((entry) => inviteOne(entry, state)));
}

/** Measured: the answer says `global:member` whatever role was asked for; the listing says the right one. */
function inviteOne(entry: JsonObject, state: State): JsonObject {
  const email = asText(entry['email']);
  const role = asText(entry['role'] ?? 'global:member');
  const user: User = {
    ...stamps(state.timestamp()),
    ...{ id: state.ids.uuid(), email, firstName: null, lastName: null, isPending: true, role },
  };
  state.users.set(user.id, user);
  addPersonalProject(state, user);
  const inviteAcceptUrl = `http://localhost/signup?token=${user.id}`;
  return {
    user: { id: user.id, email, emailSent: false, role: 'global:member', inviteAcceptUrl },
    error: '',
  };
}

function remove(request: ApiRequest, state: State): ApiAnswer {
  const user = existing(request, state);
  if (user.id === state.owner.id) throw new ApiError(403, 'Forbidden');
  state.users.delete(user.id);
  return noContent();
}

/** By id or e-mail address. */
function existing(request: ApiRequest, state: State): User {
  const wanted = param(request, 'id');
  const user = [...state.users.values()].find(({ id, email }) => id === wanted || email === wanted);
  if (user === undefined) throw notFound(`Could not find user with id: ${wanted}`);
  return user;
}
