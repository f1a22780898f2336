import { isJsonObject, type Json, type JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest } from './api-error.ts';
import { asText } from './body.ts';
import type { DataTable } from './state.ts';
import type { Row } from './row-table.ts';

/** A filter over rows, with the lowest id that can match, so that keyset paging need not look at all rows before it. */
export interface RowFilter {
  readonly aboveId: number;
  readonly matches: (row: Row) => boolean;
}

export const EVERY_ROW: RowFilter = { aboveId: 0, matches: () => true };

type Compare = (actual: Json | undefined, wanted: Json) => boolean;

const CONDITIONS: Readonly<Record<string, Compare>> = {
  eq: (actual, wanted) => (actual ?? null) === wanted,
  neq: (actual, wanted) => (actual ?? null) !== wanted,
  gt: (actual, wanted) => compare(actual, wanted) > 0,
  gte: (actual, wanted) => compare(actual, wanted) >= 0,
  lt: (actual, wanted) => compare(actual, wanted) < 0,
  lte: (actual, wanted) => compare(actual, wanted) <= 0,
  like: (actual, wanted) => typeof actual === 'string' && likePattern(wanted).test(actual),
  ilike: (actual, wanted) => typeof actual === 'string' && likePattern(wanted).test(actual),
};

/** NaN, which no comparison holds for, where one of the two is null. */
function compare(actual: Json | undefined, wanted: Json): number {
  if (typeof actual === 'number' && typeof wanted === 'number') return actual - wanted;
  if (typeof actual === 'string' && typeof wanted === 'string') return actual < wanted ? -1 : Number(actual > wanted);
  return Number.NaN;
}

function likePattern(wanted: Json): RegExp {
  const escaped = asText(wanted).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`, 'is');
}

/** The `filter` of a query string: JSON text. An object without filters matches every row. */
export function filterFromQuery(text: string | null, table: DataTable): RowFilter {
  if (text === null) return EVERY_ROW;
  let parsed: Json;
  try {
    parsed = JSON.parse(text) as Json;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest('request/query/filter must match format "jsonString"');
  }
  return parseFilter(parsed, table);
}

/** The `filter` of a body, which must hold at least one condition. */
export function filterFromBody(filter: Json | undefined, table: DataTable): RowFilter {
  if (isJsonObject(filter) && Array.isArray(filter['filters']) && filter['filters'].length === 0) {
    throw badRequest('request/body/filter/filters must NOT have fewer than 1 items');
  }
  if (filter === undefined) throw badRequest("request/body must have required property 'filter'");
  return parseFilter(filter, table);
}

function parseFilter(filter: Json, table: DataTable): RowFilter {
  if (!isJsonObject(filter)) throw badRequest('Invalid filter format');
  const conditions = (Array.isArray(filter['filters']) ? filter['filters'] : []).filter(isJsonObject);
  const tests = conditions.map((condition) => parseCondition(condition, table));
  if (tests.length === 0) return EVERY_ROW;
  if (filter['type'] === 'or') return { aboveId: 0, matches: (row) => tests.some((test) => test(row)) };
  const bounds = conditions.map(lowerBound);
  return { aboveId: Math.max(0, ...bounds), matches: (row) => tests.every((test) => test(row)) };
}

function parseCondition(condition: JsonObject, table: DataTable): (row: Row) => boolean {
  const name = asText(condition['columnName']);
  const test = CONDITIONS[asText(condition['condition'])];
  if (test === undefined) throw badRequest('Invalid filter fields');
  if (!isColumn(table, name)) {
    throw badRequest(`Validation error with data table request: unknown column name '${name}'`);
  }
  return (row) => test(row[name], condition['value'] ?? null);
}

/** The id below which a condition surely matches nothing. */
function lowerBound({ columnName, condition, value }: JsonObject): number {
  if (columnName !== 'id' || typeof value !== 'number') return 0;
  if (condition === 'gt') return value;
  return condition === 'gte' || condition === 'eq' ? value - 1 : 0;
}

const SYSTEM_COLUMNS = ['id', 'createdAt', 'updatedAt'];

export function isColumn(table: DataTable, name: string): boolean {
  return SYSTEM_COLUMNS.includes(name) || table.columns.some((column) => column.name === name);
}
