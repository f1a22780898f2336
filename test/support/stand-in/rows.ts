import { isJsonObject, type Json, type JsonObject } from '../../../src/lib/json/json.ts';
import { ApiError, badRequest } from './api-error.ts';
import { asText } from './body.ts';
import { existingTable, tableId } from './data-tables.ts';
import { ok, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { encodeCursor, pageWindow } from './paging.ts';
import { EVERY_ROW, filterFromBody, filterFromQuery, isColumn, type RowFilter } from './row-filter.ts';
import type { Row } from './row-table.ts';
import { acceptedValues } from './row-values.ts';
import type { DataTable, State } from './state.ts';

const base = { since: 'current', checkFirst: tableId } as const;
const rows = '/data-tables/:dataTableId/rows';

export const rowRoutes: readonly Route[] = [
  { method: 'GET', path: rows, scope: 'dataTableRow:read', ...base, handle: list },
  { method: 'POST', path: rows, scope: 'dataTableRow:create', ...base, handle: insert },
  { method: 'PATCH', path: `${rows}/update`, scope: 'dataTableRow:update', ...base, handle: update },
  { method: 'POST', path: `${rows}/upsert`, scope: 'dataTableRow:upsert', ...base, handle: upsert },
  { method: 'DELETE', path: `${rows}/clear`, scope: 'dataTableRow:delete', ...base, handle: clear },
  { method: 'DELETE', path: `${rows}/delete`, scope: 'dataTableRow:delete', ...base, handle: remove },
];

function list(request: ApiRequest, state: State): ApiAnswer {
  const { limit, offset } = pageWindow(request.query, 'refused');
  const sort = acceptedSort(request.query.get('sortBy'));
  const table = existingTable(request, state);
  const filter = filterFromQuery(request.query.get('filter'), table);
  const found = scanRows(table, filter, sort, offset, limit + 1);
  const data = found.slice(0, limit).map((row) => rowView(row, table));
  return ok({
    data,
    nextCursor: found.length > limit ? encodeCursor({ limit, offset: offset + limit }) : null,
  });
}

interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

function acceptedSort(text: string | null): Sort {
  if (text === null) return { column: 'id', descending: false };
  const match = /^(\w+):(asc|desc)$/.exec(text);
  if (match === null) throw badRequest('Invalid sort format, expected <columnName>:<asc/desc>');
  return { column: match[1] ?? '', descending: match[2] === 'desc' };
}

/** Up to `count` rows that match, after skipping `offset` of them. In id order no row is looked at in vain. */
function scanRows(table: DataTable, filter: RowFilter, sort: Sort, offset: number, count: number): Row[] {
  if (!isColumn(table, sort.column)) throw new ApiError(500, 'Internal server error');
  if (sort.column !== 'id') return sortedRows(table, filter, sort).slice(offset, offset + count);
  const shortcut = filter === EVERY_ROW && !sort.descending;
  const { aboveId, remaining } = shortcut ? table.rows.skip(offset) : { aboveId: filter.aboveId, remaining: offset };
  const found: Row[] = [];
  let toSkip = remaining;
  for (const row of table.rows.scan({ aboveId, descending: sort.descending })) {
    if (!filter.matches(row)) continue;
    if (toSkip-- > 0) continue;
    if (found.push(row) === count) break;
  }
  return found;
}

function sortedRows(table: DataTable, filter: RowFilter, { column, descending }: Sort): Row[] {
  const all = matching(table, filter);
  const key = (row: Row) => row[column] ?? '';
  all.sort((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b))));
  return descending ? all.reverse() : all;
}

function matching(table: DataTable, filter: RowFilter): Row[] {
  return [...table.rows.scan({ aboveId: filter.aboveId, descending: false })].filter(filter.matches);
}

/** The columns in order, then id and timestamps. */
function rowView(row: Row, table: DataTable): JsonObject {
  const view: JsonObject = {};
  for (const { name } of table.columns.toSorted((a, b) => a.index - b.index)) view[name] = row[name] ?? null;
  return { ...view, id: row.id, createdAt: row['createdAt'] ?? null, updatedAt: row['updatedAt'] ?? null };
}

const RETURN_TYPES = ['count', 'id', 'all'];

function insert(request: ApiRequest, state: State): ApiAnswer {
  if (!isJsonObject(request.body)) throw badRequest('request/body must be object');
  const { data, returnType = 'count' } = request.body;
  if (data === undefined) throw badRequest("request/body must have required property 'data'");
  if (!Array.isArray(data) || data.length === 0) throw badRequest('request/body/data must NOT have fewer than 1 items');
  if (!RETURN_TYPES.includes(asText(returnType))) {
    throw badRequest('request/body/returnType must be equal to one of the allowed values: count, id, all');
  }
  const table = existingTable(request, state);
  const values = data.filter(isJsonObject).map((entry) => acceptedValues(entry, table));
  const inserted = values.map((entry) => insertRow(table, entry, state));
  if (returnType === 'count') return ok({ success: true, insertedRows: inserted.length });
  return ok(inserted.map((row) => (returnType === 'id' ? { id: row.id } : rowView(row, table))));
}

/** Adds a row of checked values. */
export function insertRow(table: DataTable, values: JsonObject, state: State): Row {
  const timestamp = state.timestamp();
  return table.rows.insert({ ...values, createdAt: timestamp, updatedAt: timestamp });
}

function update(request: ApiRequest, state: State): ApiAnswer {
  const { table, filter, values, returnData } = acceptedChange(request, state);
  return changedRows(updateRows(matching(table, filter), values, table, state), table, returnData);
}

function upsert(request: ApiRequest, state: State): ApiAnswer {
  const { table, filter, values, returnData } = acceptedChange(request, state);
  const found = matching(table, filter);
  const changed = found.length > 0 ? updateRows(found, values, table, state) : [insertRow(table, values, state)];
  return changedRows(changed, table, returnData);
}

function acceptedChange(request: ApiRequest, state: State) {
  const body = isJsonObject(request.body) ? request.body : {};
  const table = existingTable(request, state);
  const filter = filterFromBody(body['filter'], table);
  const values = acceptedValues(isJsonObject(body['data']) ? body['data'] : {}, table);
  return { table, filter, values, returnData: body['returnData'] === true };
}

function updateRows(found: readonly Row[], values: JsonObject, table: DataTable, state: State): Row[] {
  return found.map((row) => {
    const changed: Row = { ...row, ...values, id: row.id, updatedAt: state.timestamp() };
    table.rows.replace(changed);
    return changed;
  });
}

function changedRows(changed: readonly Row[], table: DataTable, returnData: boolean): ApiAnswer {
  const json: Json = returnData ? changed.map((row) => rowView(row, table)) : true;
  return ok(json);
}

function remove(request: ApiRequest, state: State): ApiAnswer {
  const text = request.query.get('filter');
  if (text === null) throw badRequest("request/query must have required property 'filter'");
  const table = existingTable(request, state);
  const found = matching(table, filterFromQuery(text, table));
  if (request.query.get('dryRun') !== 'true') for (const row of found) table.rows.delete(row.id);
  return changedRows(found, table, request.query.get('returnData') === 'true');
}

function clear(request: ApiRequest, state: State): ApiAnswer {
  const { rows: all } = existingTable(request, state);
  const deletedCount = all.count;
  all.clear();
  return ok({ deletedCount });
}
