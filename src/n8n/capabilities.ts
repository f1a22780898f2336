import { isJsonObject, type Json } from '../lib/json/json.ts';
import { isN8nError, N8nError, UNKNOWN_SHAPE_REMEDY } from './http/errors.ts';
import type { N8nClient } from './http/types.ts';

/** What an instance can do beyond the oldest public API, each by one endpoint and the scopes that show it. */
const FEATURES = {
  'credential-list': { endpoint: 'GET /credentials', scopes: ['credential:list'] },
  'package-export': { endpoint: 'POST /n8n-packages/export', scopes: ['workflow:export', 'project:export'] },
  'package-import': { endpoint: 'POST /n8n-packages/import', scopes: ['workflow:import'] },
  publish: { endpoint: 'POST /workflows/{workflowId}/publish', scopes: ['workflow:activate'] },
  archive: { endpoint: 'POST /workflows/{workflowId}/archive', scopes: ['workflow:delete'] },
  folders: { endpoint: 'GET /projects/{projectId}/folders', scopes: ['folder:list'] },
  'project-members': { endpoint: 'GET /projects/{projectId}/users', scopes: ['user:list'] },
  'data-tables': { endpoint: 'GET /data-tables', scopes: ['dataTable:list'] },
  'community-packages': { endpoint: 'GET /community-packages', scopes: ['communityPackage:list'] },
  'source-control-pull': { endpoint: 'POST /source-control/pull', scopes: ['sourceControl:pull'] },
  'source-control-status': { endpoint: 'GET /source-control/status', scopes: ['sourceControl:read'] },
} as const satisfies Record<string, { readonly endpoint: string; readonly scopes: readonly string[] }>;

export type Feature = keyof typeof FEATURES;

/**
 * - `yes`: the endpoint is there and the key may use it; the licence may still refuse it.
 * - `too-old`: the key has the scope, yet the endpoint is not there.
 * - `no-scope`: the key lacks the scope, which also hides whether the endpoint is there.
 * - `unknown`: this n8n has no /discover; the first request to the endpoint shows it.
 */
export type Availability = 'yes' | 'too-old' | 'no-scope' | 'unknown';

export interface Capabilities {
  /** The scopes of the key, sorted, or `unknown` where n8n cannot be asked. */
  readonly scopes: readonly string[] | 'unknown';
  readonly features: Readonly<Record<Feature, Availability>>;
}

/**
 * What the key may do on this instance, from `GET /discover`, which lists the key's scopes and only those endpoints
 * that they open (docs/internal/n8n-api-notes.md, Scopes and errors). Where it does not exist, everything is `unknown`.
 * @throws N8nError as any first contact does: 'unauthorized', 'wrong-url', 'unreachable', ...
 */
export async function readCapabilities(client: N8nClient, signal?: AbortSignal): Promise<Capabilities> {
  try {
    const check = (value: unknown): void => void fromDiscover(value);
    const answer = await client.get('/discover', { check, ...(signal ? { signal } : {}) });
    return fromDiscover(answer);
  } catch (error) {
    if (!isN8nError(error, 'too-old', 'not-found')) throw error;
    return { scopes: 'unknown', features: eachFeature(() => 'unknown') };
  }
}

function fromDiscover(answer: unknown): Capabilities {
  const data = isJsonObject(answer) ? answer['data'] : undefined;
  if (!isJsonObject(data) || !Array.isArray(data['scopes']) || !isJsonObject(data['resources'])) {
    throw new N8nError('invalid-answer', 'unexpected answer to GET /discover', {
      request: 'GET /discover',
      remedy: UNKNOWN_SHAPE_REMEDY,
    });
  }
  const scopes = data['scopes'].filter((scope) => typeof scope === 'string').sort();
  const endpoints = new Set(Object.values(data['resources']).flatMap(endpointsOf));
  return { scopes, features: eachFeature((feature) => availability(feature, scopes, endpoints)) };
}

/** `GET /credentials` for every endpoint of a resource. */
function endpointsOf(resource: Json): readonly string[] {
  const endpoints = isJsonObject(resource) ? resource['endpoints'] : undefined;
  if (!Array.isArray(endpoints)) return [];
  return endpoints
    .filter(isJsonObject)
    .flatMap(({ method, path }) =>
      typeof method === 'string' && typeof path === 'string' ? [shape(`${method} ${path}`)] : [],
    );
}

function availability(feature: Feature, scopes: readonly string[], endpoints: ReadonlySet<string>): Availability {
  const { endpoint, scopes: openers } = FEATURES[feature];
  if (endpoints.has(shape(endpoint))) return 'yes';
  return openers.some((scope) => scopes.includes(scope)) ? 'too-old' : 'no-scope';
}

/** Versions name path parameters differently (`{id}`, `{workflowId}`), which does not matter here. */
function shape(endpoint: string): string {
  return endpoint.replace(' /api/v1/', ' /').replaceAll(/\{[^{}]*\}/g, '{}');
}

function eachFeature(state: (feature: Feature) => Availability): Record<Feature, Availability> {
  const names = Object.keys(FEATURES) as Feature[];
  return Object.fromEntries(names.map((name) => [name, state(name)])) as Record<Feature, Availability>;
}
