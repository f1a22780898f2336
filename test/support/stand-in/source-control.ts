import type { JsonObject } from '../../../src/lib/json/json.ts';
import { ApiError, badRequest } from './api-error.ts';
import { isJsonObject } from '../../../src/lib/json/json.ts';
import { ok, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import type { State } from './state.ts';

/** What the repository that the instance is connected to differs in from the instance. */
export interface SourceControl {
  /** As `GET /source-control/status?direction=pull` lists it: created, modified, deleted. */
  readonly files: JsonObject[];
  /** Applies the files to the state, as n8n's import does. */
  readonly apply?: (state: State) => void;
  /** The bodies of the pulls that were asked for. */
  readonly pulls: JsonObject[];
}

const connections = new WeakMap<State, SourceControl>();

/** Connects the instance to a repository that differs from it in these files. */
export function connectSourceControl(state: State, files: JsonObject[], apply?: (state: State) => void): SourceControl {
  const connection = { files, pulls: [], ...(apply === undefined ? {} : { apply }) };
  connections.set(state, connection);
  return connection;
}

const feature = 'feat:sourceControl';
const NOT_CONNECTED = 'Source Control is not connected to a repository';

export const sourceControlRoutes: readonly Route[] = [
  { method: 'POST', path: '/source-control/pull', scope: 'sourceControl:pull', feature, handle: pull },
  {
    method: 'GET',
    path: '/source-control/status',
    scope: 'sourceControl:read',
    feature,
    since: 'current',
    handle(request, state) {
      const connection = connections.get(state);
      if (!connection) throw badRequest(NOT_CONNECTED);
      const direction = request.query.get('direction');
      if (direction !== 'pull' && direction !== 'push') throw badRequest('direction must be push or pull');
      return ok({ data: connection.files });
    },
  },
];

/**
 * Without force, n8n 2.41.1 answers 409 and the whole list where a file is in conflict or modified; otherwise it
 * imports and deletes, and answers the list.
 */
function pull(request: ApiRequest, state: State): ApiAnswer {
  const connection = connections.get(state);
  if (!connection) throw new ApiError(400, NOT_CONNECTED, { status: 'Error' });
  const body = isJsonObject(request.body) ? request.body : {};
  connection.pulls.push(body);
  const blocked = connection.files.some(({ conflict, status }) => conflict === true || status === 'modified');
  const files = [...connection.files];
  if (blocked && body['force'] !== true) return { status: 409, json: files };
  connection.apply?.(state);
  connection.files.length = 0;
  return ok(files);
}
