/** n8n counts reads (GET) and writes (all else) apart. */
export type Direction = 'reads' | 'writes';

/** What n8n counts a request for. */
export interface Endpoint {
  readonly direction: Direction;
  /** `GET /workflows/*`, for logs and as a key. */
  readonly name: string;
}

/**
 * The endpoint of a request: its method, and its path without ids. n8n's documentation does not say how fine it
 * counts. Too fine is harmless: another request is refused, which n8n neither runs nor counts. Too coarse would let one
 * endpoint hold another.
 * @param path below `/api/v1`, without the query
 */
export function endpointOf(method: string, path: string): Endpoint {
  const segments = path.split('/').slice(1);
  const pattern = segments.map((segment, index) => (isId(segments, index) ? '*' : segment)).join('/');
  return { direction: method === 'GET' ? 'reads' : 'writes', name: `${method} /${pattern}` };
}

/** Names and ids take turns in n8n's paths (`/projects/ID/folders/ID`), but for `/credentials/schema/TYPE`. */
function isId(segments: readonly string[], index: number): boolean {
  if (segments[0] === 'credentials' && segments[1] === 'schema') return index === 2;
  if (FIXED_SECOND.has(segments[0] ?? '')) return false;
  return index % 2 === 1;
}

/** `/n8n-packages/export`, `/source-control/pull`: nothing in these is an id. */
const FIXED_SECOND = new Set(['n8n-packages', 'source-control']);
