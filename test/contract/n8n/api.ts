import type { Json, JsonObject } from '../../../src/lib/json/json.ts';
import { readPackage, writePackage, type PackageFiles } from '../../support/stand-in/packages/archive.ts';

/** A server that claims to be n8n, and what the suite needs to know of it. */
export interface ContractTarget extends AsyncDisposable {
  readonly url: string;
  readonly apiKey: string;
  readonly licensed: boolean;
  /** False for an n8n that is installed below a hidden folder: there `/openapi.yml` answers 500. */
  readonly servesSpecification: boolean;
  readonly createKey: (scopes: readonly string[]) => Promise<string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: JsonObject;
  /** The body as a JSON list. */
  readonly list: JsonObject[];
}

/** Plain requests to the public API: no retry, no client of flowkeep. */
export class Api {
  readonly target: ContractTarget;
  readonly #key: string;

  constructor(target: ContractTarget, key = target.apiKey) {
    this.target = target;
    this.#key = key;
  }

  withKey(key: string): Api {
    return new Api(this.target, key);
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const raw = body instanceof FormData || typeof body === 'string';
    const response = await fetch(`${this.target.url}/api/v1${path}`, {
      method,
      headers: {
        'X-N8N-API-KEY': this.#key,
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString();
    const parsed: unknown =
      /json/.test(response.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined;
    return {
      ...{ status: response.status, headers: response.headers, bytes, text },
      ...{ json: parsed as JsonObject, list: parsed as JsonObject[] },
    };
  }

  get = (path: string) => this.call('GET', path);
  post = (path: string, body?: unknown) => this.call('POST', path, body);
  put = (path: string, body?: unknown) => this.call('PUT', path, body);
  patch = (path: string, body?: unknown) => this.call('PATCH', path, body);
  delete = (path: string) => this.call('DELETE', path);

  /** All items of a listing, page by page. */
  async all(path: string): Promise<JsonObject[]> {
    const items: JsonObject[] = [];
    let cursor: unknown = null;
    do {
      const query = typeof cursor === 'string' ? `limit=250&cursor=${encodeURIComponent(cursor)}` : 'limit=250';
      const { json } = await this.get(`${path}?${query}`);
      items.push(...(json['data'] as JsonObject[]));
      cursor = json['nextCursor'];
    } while (cursor !== null);
    return items;
  }

  /** Makes a workflow and returns its answer. */
  async makeWorkflow(overrides: JsonObject = {}): Promise<JsonObject> {
    const answer = await this.post('/workflows', { ...minimalWorkflow(), ...overrides });
    if (answer.status !== 200) throw new Error(`POST /workflows answered ${answer.status}: ${answer.text}`);
    return answer.json;
  }

  /** n8n finishes an unpublish in the background and refuses to delete (409, at times 500) until then. */
  async deleteWorkflow(id: string): Promise<void> {
    await this.post(`/workflows/${id}/unpublish`);
    const deadline = Date.now() + 10_000;
    while ((await this.delete(`/workflows/${id}`)).status >= 409 && Date.now() < deadline);
  }

  async exportPackage(body: JsonObject): Promise<{ answer: Answer; files: PackageFiles }> {
    const answer = await this.post('/n8n-packages/export', body);
    return {
      answer,
      files: answer.status === 200 ? await readPackage(answer.bytes) : new Map<string, Json>(),
    };
  }

  async importPackage(files: PackageFiles, fields: Record<string, string> = {}): Promise<Answer> {
    return this.importBytes(await writePackage(files), fields);
  }

  importBytes(bytes: Buffer, fields: Record<string, string> = {}): Promise<Answer> {
    const form = new FormData();
    for (const [name, value] of Object.entries({ workflowConflictPolicy: 'new-version', ...fields })) {
      form.append(name, value);
    }
    form.append('package', new Blob([new Uint8Array(bytes)]), 'test.n8np');
    return this.post('/n8n-packages/import', form);
  }
}

let serial = 0;
/** A name that no other test uses. */
export const unique = (name: string) => `${name} ${++serial}`;
/** An id of n8n's form that no other test uses. */
export const uniqueId = (prefix: string) => `${prefix}${String(++serial).padStart(16 - prefix.length, '0')}`;

export function node(name: string, type: string, more: JsonObject = {}): JsonObject {
  return { id: name.toLowerCase(), name, type, typeVersion: 1, position: [0, 0], parameters: {}, ...more };
}

export const schedule = node('Schedule', 'n8n-nodes-base.scheduleTrigger', {
  typeVersion: 1.2,
  parameters: { rule: { interval: [{ field: 'hours' }] } },
});
export const noOp = node('Nothing', 'n8n-nodes-base.noOp');
export const callOf = (id: string) =>
  node('Call', 'n8n-nodes-base.executeWorkflow', {
    typeVersion: 1.2,
    parameters: { workflowId: { __rl: true, value: id, mode: 'id' } },
  });

export function minimalWorkflow(): JsonObject {
  return {
    name: unique('Workflow'),
    nodes: [schedule, noOp],
    connections: { Schedule: { main: [[{ node: 'Nothing', type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1' },
  };
}

/** The names of an object's fields, in a stable order. */
export const fields = (value: unknown) => Object.keys(value as JsonObject).sort();
export const text = (value: unknown) => value as string;
