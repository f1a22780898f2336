import type { JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest } from './api-error.ts';
import { checkBody, requiredText, textField } from './body.ts';
import { ok, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import type { State } from './state.ts';

/** What belongs to the instance as a whole: community packages. */
export const instanceRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/community-packages',
    scope: 'communityPackage:list',
    since: 'current',
    handle: (_request, state) => ok(state.communityPackages),
  },
  {
    method: 'POST',
    path: '/community-packages',
    scope: 'communityPackage:install',
    since: 'current',
    handle: installPackage,
  },
];

/** n8n's list of verified packages comes from the internet; without it, no package is verified. */
function installPackage(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, { required: ['name'], optional: ['version', 'verify'] });
  const name = requiredText(body, 'name');
  if (body.verify !== false) throw badRequest(`Package ${name} is not vetted for installation`);
  const installed = {
    packageName: name,
    installedVersion: textField(body, 'version') ?? '1.0.0',
    installedNodes: [],
  };
  state.communityPackages.push(installed);
  return ok(installed);
}

/** `GET /discover`: the scopes of the key, and the endpoints that it may use. */
export function discover(request: ApiRequest, state: State, routes: readonly Route[]): JsonObject {
  const resources: Record<string, { operations: string[]; endpoints: JsonObject[] }> = {};
  for (const { method, path, scope, listedFor } of routes) {
    const accepted = scope === undefined ? listedFor : [scope];
    if (accepted !== undefined && !accepted.some((one) => request.scopes.includes(one))) continue;
    const name = path.split('/')[1]?.replace(/s$/, '').replaceAll('-', '') ?? '';
    const resource = (resources[name] ??= { operations: [], endpoints: [] });
    const operation = accepted?.[0]?.split(':')[1];
    if (operation !== undefined && !resource.operations.includes(operation)) resource.operations.push(operation);
    const documented = path.replace(/:(\w+)/g, '{$1}');
    resource.endpoints.push({
      method,
      path: `/api/v1${documented}`,
      operationId: `${method.toLowerCase()}${name}`,
    });
  }
  return { data: { scopes: [...request.scopes], resources, filters: {}, specUrl: '/api/v1/openapi.yml' } };
}

/** The start of the specification that `/openapi.yml` serves. */
export function openApiText(routes: readonly Route[]): string {
  const paths = [...new Set(routes.map(({ path }) => path.replace(/:(\w+)/g, '{$1}')))];
  return `openapi: 3.0.0\ninfo:\n  title: n8n Public API\n  version: 1.1.1\npaths:\n${paths.map((path) => `  ${path}: {}\n`).join('')}`;
}
