import type { Json } from '../../../src/lib/json/json.ts';
import { ApiError, forbidden, notLicensed } from './api-error.ts';
import { ok, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { discover, openApiText } from './instance.ts';
import { htmlAnswer, rawAnswer, type RawAnswer } from './respond.ts';
import { matchRoute } from './routes.ts';
import type { State } from './state.ts';

/** What came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export const API_BASE = '/api/v1';
/** n8n's default for a request body (N8N_PAYLOAD_SIZE_MAX). */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Answers one request as n8n does: checks in n8n's order, then the route. */
export async function handleRequest(wire: WireRequest, state: State, routes: readonly Route[]): Promise<RawAnswer> {
  if (!wire.url.pathname.startsWith(`${API_BASE}/`)) return outsideOfApi(wire, state);
  if (wire.body.length > MAX_BODY_BYTES) {
    return htmlAnswer(413, errorPage('PayloadTooLargeError: request entity too large'));
  }
  const body = parseBody(wire);
  if (body === 'broken') return htmlAnswer(500, errorPage('ResponseError: Failed to parse request body'));
  try {
    return rawAnswer(await handleApi(wire, body, state, routes));
  } catch (error) {
    if (error instanceof ApiError) return rawAnswer({ status: error.status, json: error.body });
    throw error;
  }
}

function parseBody({ headers, body }: WireRequest): { json: Json | undefined } | 'broken' {
  if (body.length === 0 || !String(headers['content-type'] ?? '').includes('json')) return { json: undefined };
  try {
    return { json: JSON.parse(body.toString()) as Json };
  } catch (error) {
    if (error instanceof SyntaxError) return 'broken';
    throw error;
  }
}

async function handleApi(
  wire: WireRequest,
  body: { json: Json | undefined },
  state: State,
  routes: readonly Route[],
): Promise<ApiAnswer> {
  const path = wire.url.pathname.slice(API_BASE.length);
  if (path === '/openapi.yml' && state.options.version === 'current') {
    return { status: 200, bytes: Buffer.from(openApiText(routes)), headers: { 'content-type': 'text/yaml' } };
  }
  const contentType = wire.headers['content-type'];
  const request: ApiRequest = {
    ...{ method: wire.method, path, query: wire.url.searchParams, params: {} },
    contentType: Array.isArray(contentType) ? contentType[0] : contentType,
    ...{ rawBody: wire.body, body: body.json, scopes: [] },
  };
  if (path === '/discover' && state.options.version === 'current') {
    return ok(discover({ ...request, scopes: scopesOf(wire, state) }, state, routes));
  }
  const match = matchRoute(routes, wire.method, path);
  if (match === 'no-such-path') throw new ApiError(404, 'not found');
  if (match === 'no-such-method') throw new ApiError(405, `${wire.method} method not allowed`);
  const { route, params } = match;
  const scopes = scopesOf(wire, state);
  const full = { ...request, params, scopes };
  route.checkFirst?.(full);
  if (route.scope !== undefined && !scopes.includes(route.scope)) throw forbidden();
  if (route.feature !== undefined && !state.options.licensed) throw notLicensed(route.feature);
  return route.handle(full, state);
}

/** The scopes of the key that a request carries. @throws ApiError 401 */
function scopesOf(wire: WireRequest, state: State): readonly string[] {
  const scopes = state.keys.get(String(wire.headers['x-n8n-api-key'] ?? ''));
  if (scopes === undefined) throw new ApiError(401, 'Unauthorized');
  return scopes;
}

/** The editor's page, which tells the version without a key, and the health checks. */
function outsideOfApi({ url }: WireRequest, state: State): RawAnswer {
  if (/^\/healthz(\/readiness)?$/.test(url.pathname)) return rawAnswer(ok({ status: 'ok' }));
  const config = { dsn: '', environment: 'development', release: `n8n@${state.options.n8nVersion}` };
  const encodedConfig = Buffer.from(JSON.stringify(config)).toString('base64');
  return htmlAnswer(
    200,
    `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta name="n8n:config:rest-endpoint" content="cmVzdA=="><meta name="n8n:config:sentry" content="${encodedConfig}">\n<title>n8n.io - Workflow Automation</title>\n</head>\n<body></body>\n</html>\n`,
  );
}

function errorPage(text: string): string {
  return `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>${text}</pre>\n</body>\n</html>\n`;
}
