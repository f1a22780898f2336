import type { JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest } from './api-error.ts';
import type { ListingOrder } from './state.ts';

const MAX_PAGE = 250;

export interface Window {
  readonly limit: number;
  readonly offset: number;
}

/**
 * The page that a query asks for. A cursor carries both numbers. `limits: 'capped'` (workflows, tags, credentials,
 * variables, projects) takes any limit and gives 250 at most; `limits: 'refused'` (data tables, rows, users) answers
 * 400.
 */
export function pageWindow(query: URLSearchParams, limits: 'capped' | 'refused'): Window {
  const limit = limits === 'capped' ? cappedLimit(query) : refusedLimit(query);
  const cursor = query.get('cursor');
  if (cursor !== null) return decodeCursor(cursor);
  return { limit, offset: Number(query.get('offset') ?? 0) };
}

function cappedLimit(query: URLSearchParams): number {
  const text = query.get('limit') ?? '100';
  if (!/^-?\d+$/.test(text)) throw badRequest('request/query/limit Param `limit` must be a valid integer');
  if (text.startsWith('-')) throw badRequest('request/query/limit Param `limit` must be a non-negative integer');
  return Math.min(Number(text), MAX_PAGE);
}

function refusedLimit(query: URLSearchParams): number {
  const text = query.get('limit') ?? '100';
  if (!/^-?\d+$/.test(text)) throw badRequest('request/query/limit must be number');
  if (Number(text) > MAX_PAGE) throw badRequest('request/query/limit must be <= 250');
  return Number(text);
}

function decodeCursor(cursor: string): Window {
  try {
    const { limit, offset } = JSON.parse(Buffer.from(cursor, 'base64').toString()) as Record<string, unknown>;
    if (typeof limit === 'number' && typeof offset === 'number') return { limit, offset };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest('An invalid cursor was provided');
}

export function encodeCursor(window: Window): string {
  return Buffer.from(JSON.stringify(window)).toString('base64');
}

/** One page as n8n answers it. */
export function page(items: readonly JsonObject[], total: number, { limit, offset }: Window): JsonObject {
  const next = offset + limit;
  return { data: [...items], nextCursor: next < total ? encodeCursor({ limit, offset: next }) : null };
}

interface Listed {
  readonly id: string;
  readonly name?: string;
  readonly key?: string;
  readonly createdAt?: string;
  readonly updatedAt?: string;
}

/** n8n's own order of a listing on SQLite. */
export type NaturalOrder = 'id' | 'oldest-first' | 'newest-first' | 'last-updated-first';

/** The items of a listing in the order that the test asked for, or n8n's own. */
export function ordered<T extends Listed>(items: Iterable<T>, order: ListingOrder, natural: NaturalOrder): T[] {
  const list = [...items];
  if (order === 'insertion') return list;
  if (order === 'name') return list.sort(byText((item) => item.name ?? item.key ?? ''));
  if (order === 'updatedAt') return list.sort(byText((item) => item.updatedAt ?? '')).reverse();
  if (natural === 'id') return list.sort(byText((item) => item.id));
  if (natural === 'newest-first') return list.reverse();
  if (natural === 'last-updated-first') return list.reverse().sort(byText((item) => item.updatedAt ?? '', -1));
  return list;
}

function byText<T>(text: (item: T) => string, direction = 1): (a: T, b: T) => number {
  return (a, b) => {
    const one = text(a);
    const other = text(b);
    if (one === other) return 0;
    return one < other ? -direction : direction;
  };
}

/** Cuts one page out of a whole listing. */
export function listPage<T>(items: readonly T[], window: Window, view: (item: T) => JsonObject): JsonObject {
  return page(items.slice(window.offset, window.offset + window.limit).map(view), items.length, window);
}
