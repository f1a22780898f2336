import type { Json } from '../../../src/lib/json/json.ts';
import type { State } from './state.ts';

/** One request as the routes see it. */
export interface ApiRequest {
  readonly method: string;
  /** Below `/api/v1`, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** What the variable parts of the route's path matched, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly rawBody: Buffer;
  /** The JSON body; undefined where there was none. */
  readonly body: Json | undefined;
  readonly scopes: readonly string[];
}

export type ApiAnswer =
  | { readonly status: number; readonly json: Json }
  | { readonly status: number; readonly empty: true }
  | { readonly status: number; readonly bytes: Buffer; readonly headers: Readonly<Record<string, string>> };

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/projects/:projectId/folders` */
  readonly path: string;
  /** The API-key scope that n8n asks for; none for `/discover` and credential schemas. */
  readonly scope?: string;
  /** For a route that checks scopes by itself: any of these makes `/discover` list it. */
  readonly listedFor?: readonly string[];
  /** The feature that the licence must cover. */
  readonly feature?: string;
  /** `current`: the endpoint does not exist in old versions of n8n. */
  readonly since?: 'current';
  /** Which check n8n makes before it looks at scopes, where it does. */
  readonly checkFirst?: (request: ApiRequest) => void;
  readonly handle: (request: ApiRequest, state: State) => ApiAnswer | Promise<ApiAnswer>;
}

export const ok = (json: Json): ApiAnswer => ({ status: 200, json });
export const created = (json: Json): ApiAnswer => ({ status: 201, json });
export const noContent = (): ApiAnswer => ({ status: 204, empty: true });

/** The part of the path that a route names; it is always there, since the route matched. */
export function param(request: ApiRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
}
