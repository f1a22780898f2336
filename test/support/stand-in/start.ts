import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isJsonObject, type Json, type JsonObject } from '../../../src/lib/json/json.ts';
import { plant } from '../secrets/planted.ts';
import { addDataTable } from './data-tables.ts';
import { Faults, type Fault, type SeenRequest } from './faults.ts';
import { API_BASE, handleRequest } from './handle.ts';
import { deterministicClock, deterministicIds } from './ids.ts';
import { encodeCursor } from './paging.ts';
import { RequestCounts, type RequestLimits } from './rate-limits.ts';
import { encoded, htmlAnswer, rawAnswer, send, sendTruncated, type RawAnswer } from './respond.ts';
import { ALL_SCOPES, routesFor } from './routes.ts';
import type { Row } from './row-table.ts';
import { createState, type ColumnType, type DataTable, type State } from './state.ts';

export interface StandInOptions {
  /** With the licensed features, or as a community instance. Default: false. */
  readonly licensed?: boolean;
  /** `old` answers like n8n 1.x: no /discover, packages, data tables, folders, and no GET /credentials. */
  readonly version?: 'current' | 'old';
  /** Whether `/n8n-packages` exists. Default: true, but false for an old version. */
  readonly packages?: boolean;
  readonly n8nVersion?: string;
  /** Milliseconds since 1970. Default: a clock that every reading moves on by a millisecond, from the same instant. */
  readonly now?: () => number;
  /** What new ids are made from: servers with different seeds make different ids. */
  readonly seed?: string;
}

/** Called before a request is handled, so that a test can change the state between two pages. */
export type RequestHook = (request: SeenRequest, state: State) => void | Promise<void>;

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** The query, decoded, without the question mark. */
  readonly query: string;
  /** The status that was sent; 0 where the connection was cut, reset or left without an answer. */
  readonly status: number;
}

/** A small n8n over HTTP on 127.0.0.1, which answers flowkeep's requests as the real one does. */
export interface StandIn extends AsyncDisposable {
  readonly url: string;
  /** A key with every scope. */
  readonly apiKey: string;
  /** What it holds. Tests may change it directly, with the `add...` functions of the resources' files. */
  readonly state: State;
  readonly requests: readonly LoggedRequest[];
  createKey(scopes: readonly string[] | 'all'): string;
  /** @returns what takes the hook away again */
  onRequest(hook: RequestHook): () => void;
  /** @returns what takes the fault away again */
  fault(fault: Fault): () => void;
  /** Switches n8n's limits for requests on, counted by this clock (milliseconds). Without it there are none. */
  limitRequests(limits: RequestLimits, now: () => number): void;
  addGeneratedTable(table: GeneratedTable): DataTable;
  stop(): Promise<void>;
}

export interface GeneratedTable {
  readonly name?: string;
  readonly rows: number;
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const version = options.version ?? 'current';
  const stateOptions = {
    licensed: options.licensed ?? false,
    version,
    packages: options.packages ?? version === 'current',
    n8nVersion: options.n8nVersion ?? (version === 'old' ? '1.82.0' : '2.41.1'),
  };
  const ids = deterministicIds(options.seed ?? 'stand-in');
  const state = createState(stateOptions, ids, options.now ?? deterministicClock());
  const requests: LoggedRequest[] = [];
  const hooks = new Set<RequestHook>();
  const faults = new Faults();
  const routes = routesFor(stateOptions);
  let counts: RequestCounts | undefined;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // A defect of the stand-in itself: a test must see it, not take it for an answer of n8n.
      response.writeHead(599, { 'content-type': 'text/plain' });
      response.end(error instanceof Error ? error.stack : String(error));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const method = request.method ?? 'GET';
    const path = url.pathname.startsWith(`${API_BASE}/`) ? url.pathname.slice(API_BASE.length) : url.pathname;
    const seen: SeenRequest = { method, path, query: url.searchParams };
    const log = (status: number) => requests.push({ method, path, query: readableQuery(url), status });
    for (const hook of hooks) await hook(seen, state);
    const fault = faults.take(seen);
    const work = () => handleRequest({ method, url, headers: request.headers, body }, state, routes);
    if (fault !== undefined) return answerFaulty(fault, seen, { request, response, log, work });
    const counted = counts?.take(String(request.headers['x-n8n-api-key']), method, path, routes) ?? { headers: {} };
    const raw = 'refusal' in counted ? counted.refusal : (checkedEncoding(url) ?? (await work()));
    const more = 'refusal' in counted ? {} : counted.headers;
    log(raw.status);
    send(response, encoded({ ...raw, headers: { ...raw.headers, ...more } }, request));
  }

  const createKey = (scopes: readonly string[] | 'all') => {
    const key = plant(`key-${ids.nano()}`, 'key of the stand-in n8n');
    state.keys.set(key, scopes === 'all' ? ALL_SCOPES : scopes);
    return key;
  };
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: createKey('all'),
    state,
    requests,
    createKey,
    onRequest: (hook) => {
      hooks.add(hook);
      return () => void hooks.delete(hook);
    },
    fault: (fault) => faults.add(fault),
    limitRequests: (limits, now) => void (counts = new RequestCounts(limits, now)),
    addGeneratedTable: (table) => addGeneratedTable(state, table),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly log: (status: number) => void;
  readonly work: () => Promise<RawAnswer>;
}

async function answerFaulty({ action, handled }: Fault, seen: SeenRequest, exchange: Exchange): Promise<void> {
  const { request, response, log, work } = exchange;
  if (typeof action === 'object' && 'delayMs' in action) await delay(action.delayMs);
  const needsAnswer = action === 'repeat-cursor' || (typeof action === 'object' && !('status' in action));
  const real = handled === true || needsAnswer ? await work() : undefined;
  if (action === 'reset' || action === 'stall') {
    log(0);
    if (action === 'reset') request.socket.resetAndDestroy();
    return;
  }
  if (typeof action === 'object' && 'status' in action) {
    log(action.status);
    return send(response, encoded(otherAnswer(action.status, action.body ?? null, action.headers), request));
  }
  if (real === undefined) throw new Error('a fault that changes an answer needs one');
  if (typeof action === 'object' && 'truncateAfter' in action) {
    log(0);
    return sendTruncated(response, encoded(real, request), action.truncateAfter);
  }
  log(real.status);
  send(response, encoded(action === 'repeat-cursor' ? withRepeatedCursor(real, seen) : real, request));
}

function otherAnswer(status: number, body: Json, headers: Readonly<Record<string, string>> = {}): RawAnswer {
  const raw = typeof body === 'string' ? htmlAnswer(status, body) : rawAnswer({ status, json: body });
  return { ...raw, headers: { ...raw.headers, ...headers } };
}

function withRepeatedCursor(real: RawAnswer, { query }: SeenRequest): RawAnswer {
  const page = JSON.parse(real.body.toString()) as JsonObject;
  if (!isJsonObject(page)) return real;
  const limit = Number(query.get('limit') ?? 100);
  const nextCursor = query.get('cursor') ?? encodeCursor({ limit, offset: limit });
  return rawAnswer({ status: real.status, json: { ...page, nextCursor } });
}

/** n8n wants the colon of sortBy percent-encoded. */
function checkedEncoding(url: URL): RawAnswer | undefined {
  if (!/[?&]sortBy=[^&]*:/.test(url.search)) return undefined;
  const message = "Parameter 'sortBy' must be url encoded. Its value may not contain reserved characters.";
  return rawAnswer({ status: 400, json: { message } });
}

function readableQuery(url: URL): string {
  return [...url.searchParams].map(([name, value]) => `${name}=${value}`).join('&');
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const GENERATED_COLUMNS: readonly { name: string; type: ColumnType }[] = [
  { name: 'customer', type: 'string' },
  { name: 'amount', type: 'number' },
  { name: 'paid', type: 'boolean' },
  { name: 'dueAt', type: 'date' },
];

/** A table whose rows are computed when they are read, so that half a million of them take no memory. */
function addGeneratedTable(state: State, { name = 'Invoices', rows }: GeneratedTable): DataTable {
  return addDataTable(state, {
    name,
    columns: GENERATED_COLUMNS,
    generated: { count: rows, row: invoiceRow },
  });
}

function invoiceRow(id: number): Row {
  const at = new Date(Date.parse('2026-01-01T00:00:00.000Z') + id * 1000).toISOString();
  return {
    ...{ id, customer: `Customer ${id % 997}`, amount: (id * 37) % 10_000, paid: id % 3 === 0 },
    ...{ dueAt: at, createdAt: at, updatedAt: at },
  };
}
