import type { ServerResponse } from 'node:http';
import type { Json, JsonObject } from '../../../../src/lib/json/json.ts';
import { sendJson, startServer, type Received, type TestServer } from './server.ts';

/** What happens to the list between two requests. Positions are taken modulo its length. */
export type Change =
  | { readonly kind: 'create'; readonly at: number }
  | { readonly kind: 'delete'; readonly at: number }
  | { readonly kind: 'rename'; readonly at: number }
  | { readonly kind: 'move'; readonly from: number; readonly to: number };

/** A list that is paged as n8n pages: by limit and offset in a cursor, or by skip and take. */
export class ChangingList {
  readonly items: JsonObject[];
  readonly deleted = new Set<string>();
  #created = 0;

  constructor(size: number) {
    this.items = Array.from({ length: size }, (_, index) => item(`old-${index}`, '2025-01-01T00:00:00.000Z'));
  }

  /** The ids that existed from the beginning and still do. */
  get lasting(): readonly string[] {
    return this.items.map(({ id }) => idOf(id)).filter((id) => id.startsWith('old-'));
  }

  apply(change: Change): void {
    const { items } = this;
    if (change.kind === 'create') {
      const createdAt = new Date(Date.now() + 60_000).toISOString();
      items.splice(change.at % (items.length + 1), 0, item(`new-${this.#created++}`, createdAt));
      return;
    }
    if (items.length === 0) return;
    if (change.kind === 'delete') {
      for (const gone of items.splice(change.at % items.length, 1)) this.deleted.add(idOf(gone['id']));
    } else if (change.kind === 'rename') {
      const at = change.at % items.length;
      items[at] = { ...items[at], name: 'renamed' };
    } else {
      const [moved] = items.splice(change.from % items.length, 1);
      if (moved !== undefined) items.splice(change.to % (items.length + 1), 0, moved);
    }
  }

  page(query: URLSearchParams): JsonObject {
    const cursor = query.get('cursor');
    const { limit, offset } =
      cursor === null
        ? { limit: Number(query.get('limit') ?? 100), offset: 0 }
        : (JSON.parse(Buffer.from(cursor, 'base64').toString()) as { limit: number; offset: number });
    const more = this.items.length > offset + limit;
    const next = Buffer.from(JSON.stringify({ limit, offset: offset + limit })).toString('base64');
    return { data: this.items.slice(offset, offset + limit), nextCursor: more ? next : null };
  }

  skipTake(query: URLSearchParams): JsonObject {
    const skip = Number(query.get('skip') ?? 0);
    const take = Number(query.get('take') ?? 10);
    return { count: this.items.length, data: this.items.slice(skip, skip + take) };
  }
}

/** The text of an id, which is always one here. */
export function idOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function item(id: string, createdAt: string): JsonObject {
  return { id, name: id, createdAt };
}

/** Serves a list; `schedule[n]` happens just before request n + 1 is answered. */
export function serveList(
  list: ChangingList,
  schedule: readonly (readonly Change[])[] = [],
  answer: (query: URLSearchParams) => JsonObject = (query) => list.page(query),
): Promise<TestServer> {
  return startServer((request: Received, response: ServerResponse, count) => {
    for (const change of schedule[count - 2] ?? []) list.apply(change);
    sendJson(response, answer(new URL(request.target, 'http://n8n').searchParams));
  });
}
