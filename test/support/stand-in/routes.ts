import { credentialRoutes } from './credentials.ts';
import { dataTableRoutes } from './data-tables.ts';
import type { Route } from './exchange.ts';
import { folderRoutes } from './folders.ts';
import { instanceRoutes } from './instance.ts';
import { packageRoutes } from './packages/routes.ts';
import { projectRoutes } from './projects.ts';
import { rowRoutes } from './rows.ts';
import { sourceControlRoutes } from './source-control.ts';
import type { StateOptions } from './state.ts';
import { tagRoutes } from './tags.ts';
import { userRoutes } from './users.ts';
import { variableRoutes } from './variables.ts';
import { workflowRoutes } from './workflows.ts';

const ALL_ROUTES: readonly Route[] = [
  ...workflowRoutes,
  ...tagRoutes,
  ...credentialRoutes,
  ...variableRoutes,
  ...projectRoutes,
  ...folderRoutes,
  ...userRoutes,
  ...dataTableRoutes,
  ...rowRoutes,
  ...instanceRoutes,
  ...sourceControlRoutes,
  ...packageRoutes,
];

/** Every scope that a key can have here. */
export const ALL_SCOPES: readonly string[] = [
  ...new Set(ALL_ROUTES.flatMap(({ scope, listedFor }) => scope ?? listedFor ?? [])),
];

/** The endpoints that an instance of this version and kind has. */
export function routesFor(options: StateOptions): readonly Route[] {
  return ALL_ROUTES.filter(
    ({ since, path }) =>
      (since === undefined || options.version === 'current') &&
      (options.packages || !path.startsWith('/n8n-packages/')),
  );
}

export type Match =
  { readonly route: Route; readonly params: Record<string, string> } | 'no-such-path' | 'no-such-method';

/** Finds the route of a request. Fixed segments win over parameters, as the order of the routes says. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  let pathExists = false;
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params === undefined) continue;
    if (route.method === method) return { route, params };
    pathExists = true;
  }
  return pathExists ? 'no-such-method' : 'no-such-path';
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const actual = path.split('/');
  if (wanted.length !== actual.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = actual[index] ?? '';
    if (segment.startsWith(':')) params[segment.slice(1)] = decodeURIComponent(value);
    else if (segment !== value) return undefined;
  }
  return params;
}
