import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { N8nError, UNKNOWN_SHAPE_REMEDY } from '../http/errors.ts';
import { inTurn } from '../http/large-answers.ts';
import type { N8nClient, Query } from '../http/types.ts';

/** One page of a list that is read by position. To be disposed of when it has been worked on (see inTurn). */
export interface PositionedPage extends Disposable {
  readonly items: JsonObject[];
  /** Whether the server says that more items follow. */
  readonly more: boolean;
}

/** One page of a list whose cursors only the server understands. To be disposed of when it has been worked on. */
export interface CursorPage extends Disposable {
  readonly items: JsonObject[];
  readonly nextCursor: string | null;
}

/** A list that can be read from any position, so that pages can overlap. */
export interface PositionedList {
  readonly name: string;
  readonly pageSize: number;
  at(offset: number): Promise<PositionedPage>;
}

/** The list is not one that positions work for; it has to be read by following its cursors. */
export class NotPositioned extends Error {
  override readonly name = 'NotPositioned';
}

export interface ListRequest {
  readonly client: N8nClient;
  readonly path: string;
  readonly query: Query;
  readonly pageSize: number;
  readonly signal: AbortSignal | undefined;
  /** Throws N8nError `invalid-answer` for an item that is none. */
  readonly check: (item: JsonObject) => void;
  readonly onAnswer: (answer: { readonly date: number | undefined }) => void;
}

/**
 * A cursor-paged list, read by position: n8n's cursor is the base64 of `{"limit":N,"offset":M}`
 * (docs/internal/n8n-api-notes.md, Lists), and every list of 2.41.1 accepts one that a client made itself.
 */
export function cursorList(request: ListRequest): PositionedList {
  const { pageSize, path } = request;
  return {
    name: path,
    pageSize,
    async at(offset) {
      const cursor = offset === 0 ? undefined : encodeCursor({ limit: pageSize, offset });
      const page = await readCursorPage(request, cursor);
      const { items, nextCursor } = page;
      // A page that is shorter than its step has holes in it: an index is not a position then.
      if (nextCursor === null || decodeCursor(nextCursor)?.offset === offset + items.length)
        return Object.assign(page, { more: nextCursor !== null });
      page[Symbol.dispose]();
      throw new NotPositioned();
    },
  };
}

/** Reads a page as it is: from the start, or from a cursor. */
export function readCursorPage(request: ListRequest, cursor: string | undefined): Promise<CursorPage> {
  const { client, path, query, pageSize, signal, check, onAnswer } = request;
  return inTurn(async (turn) => {
    const answer = await client.get(path, {
      query: { ...query, limit: pageSize, cursor },
      onAnswer,
      check: (value) => toPage(value, path).items.forEach(check),
      turn,
      ...(signal === undefined ? {} : { signal }),
    });
    return toPage(answer, path);
  });
}

function toPage(answer: unknown, path: string): Omit<CursorPage, keyof Disposable> {
  const body = isJsonObject(answer) ? answer : {};
  const next = body['nextCursor'] ?? null;
  if (next !== null && typeof next !== 'string') throw oddList(path);
  return { items: requireItems(body['data'], path), nextCursor: next === '' ? null : next };
}

/** @throws N8nError 'invalid-answer' unless the value is a list of objects */
export function requireItems(value: unknown, name: string): JsonObject[] {
  if (!Array.isArray(value) || !value.every(isJsonObject)) throw oddList(name);
  return value;
}

function oddList(name: string): N8nError {
  return new N8nError('invalid-answer', `the answer to GET ${name} is not a list of items`, {
    request: `GET ${name}`,
    remedy: UNKNOWN_SHAPE_REMEDY,
  });
}

interface Cursor {
  readonly limit: number;
  readonly offset: number;
}

function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64');
}

function decodeCursor(text: string): Cursor | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    const { limit, offset } = isJsonObject(value) ? value : {};
    return typeof limit === 'number' && typeof offset === 'number' ? { limit, offset } : null;
  } catch {
    // A cursor of another kind, which only the server understands: the caller follows it as it is.
    return null;
  }
}
