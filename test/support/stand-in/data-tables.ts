import { isJsonObject, type Json, type JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest, conflict, notFound } from './api-error.ts';
import { checkBody, requiredText, textField } from './body.ts';
import { created, noContent, ok, param, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { listPage, ordered, pageWindow } from './paging.ts';
import { RowTable, type GeneratedRows } from './row-table.ts';
import { personalProject, stamps, type Column, type ColumnType, type DataTable, type State } from './state.ts';

const since = 'current';
const one = { path: '/data-tables/:dataTableId', since, checkFirst: tableId } as const;
const columns = { path: '/data-tables/:dataTableId/columns', since, checkFirst: tableId } as const;
const column = { path: `${columns.path}/:columnId`, since, checkFirst: columnId } as const;

export const dataTableRoutes: readonly Route[] = [
  { method: 'GET', path: '/data-tables', scope: 'dataTable:list', since, handle: list },
  { method: 'POST', path: '/data-tables', scope: 'dataTable:create', since, handle: create },
  {
    method: 'GET',
    ...one,
    scope: 'dataTable:read',
    handle: (request, state) => ok(tableView(existingTable(request, state))),
  },
  { method: 'PATCH', ...one, scope: 'dataTable:update', handle: rename },
  { method: 'DELETE', ...one, scope: 'dataTable:delete', handle: remove },
  { method: 'GET', ...columns, scope: 'dataTableColumn:read', handle: listColumns },
  { method: 'POST', ...columns, scope: 'dataTableColumn:create', handle: createColumn },
  { method: 'PATCH', ...column, scope: 'dataTableColumn:update', handle: updateColumn },
  { method: 'DELETE', ...column, scope: 'dataTableColumn:delete', handle: removeColumn },
];

/** n8n checks the form of these ids before anything else: a table with another id cannot be read at all. */
const NANOID = /^[A-Za-z0-9]{16}$/;

export function tableId(request: ApiRequest): void {
  checkNanoid(request, 'dataTableId');
}

function columnId(request: ApiRequest): void {
  checkNanoid(request, 'columnId');
}

function checkNanoid(request: ApiRequest, name: string): void {
  if (!NANOID.test(param(request, name))) throw badRequest(`request/params/${name} must match format "nanoid"`);
}

function list({ query }: ApiRequest, state: State): ApiAnswer {
  const window = pageWindow(query, 'refused');
  const all = ordered(state.dataTables.values(), state.listingOrder, 'newest-first');
  return ok(listPage(all, window, (table) => tableView(table, false)));
}

/** A listing leaves `dataTableId` out of the columns, which come by name. */
function tableView(table: DataTable, withTableId = true): JsonObject {
  const { id, name, projectId, createdAt, updatedAt } = table;
  const byName = table.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const views = byName.map((item) => columnView(item, withTableId ? table : undefined));
  return {
    updatedAt,
    createdAt,
    id,
    name,
    projectId,
    columns: views,
    sizeBytes: 4096 + table.rows.count * 64,
  };
}

function columnView({ id, name, type, index, createdAt, updatedAt }: Column, table?: DataTable): JsonObject {
  return {
    ...{ updatedAt, createdAt, id },
    ...(table === undefined ? {} : { dataTableId: table.id }),
    ...{ name, type, index },
  };
}

function create(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, { required: ['name', 'columns'], unknown: 'ignore' });
  const name = acceptedName(body);
  const projectId = textField(body, 'projectId') ?? personalProject(state).id;
  if (!state.projects.has(projectId)) throw badRequest(`Project with ID "${projectId}" not found`);
  const wanted = (Array.isArray(body['columns']) ? body['columns'] : []).map(acceptedColumn);
  if (findTable(state, name, projectId) !== undefined) throw nameTaken(name);
  return created(tableView(addDataTable(state, { name, projectId, columns: wanted })));
}

export interface NewDataTable {
  readonly id?: string;
  readonly name: string;
  readonly projectId?: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  /** Rows that are computed when they are read, for tables too large to hold. */
  readonly generated?: GeneratedRows;
}

/** Adds a data table without any check. */
export function addDataTable(state: State, input: NewDataTable): DataTable {
  const timestamp = state.timestamp();
  const table: DataTable = {
    ...stamps(timestamp),
    id: input.id ?? state.ids.nano(),
    name: input.name,
    projectId: input.projectId ?? personalProject(state).id,
    columns: input.columns.map(({ name, type }, index) => ({
      ...stamps(timestamp),
      ...{ id: state.ids.nano(), name, type, index },
    })),
    rows: new RowTable(input.generated),
  };
  state.dataTables.set(table.id, table);
  return table;
}

export function findTable(state: State, name: string, projectId: string): DataTable | undefined {
  return [...state.dataTables.values()].find((table) => table.name === name && table.projectId === projectId);
}

function rename(request: ApiRequest, state: State): ApiAnswer {
  const name = acceptedName(checkBody(request.body, { required: ['name'], unknown: 'ignore' }));
  const table = existingTable(request, state);
  const holder = findTable(state, name, table.projectId);
  if (holder !== undefined && holder.id !== table.id) throw nameTaken(name);
  Object.assign(table, { name, updatedAt: state.timestamp() });
  return ok(tableView(table));
}

function remove(request: ApiRequest, state: State): ApiAnswer {
  state.dataTables.delete(existingTable(request, state).id);
  return noContent();
}

function listColumns(request: ApiRequest, state: State): ApiAnswer {
  const table = existingTable(request, state);
  return ok(table.columns.toSorted((a, b) => a.index - b.index).map((item) => columnView(item, table)));
}

function createColumn(request: ApiRequest, state: State): ApiAnswer {
  const { name, type } = acceptedColumn(request.body ?? null);
  const table = existingTable(request, state);
  if (table.columns.some((item) => item.name === name)) {
    throw conflict(`Data table column with name '${name}' already exists in data table '${table.name}'`);
  }
  const wanted = isJsonObject(request.body) ? request.body['index'] : undefined;
  const index = typeof wanted === 'number' ? wanted : table.columns.length;
  const added: Column = { ...stamps(state.timestamp()), id: state.ids.nano(), name, type, index };
  placeColumn(table, added, index);
  touch(table, state);
  return created(columnView(added, table));
}

function updateColumn(request: ApiRequest, state: State): ApiAnswer {
  const body = checkBody(request.body, { required: [], optional: ['name', 'index'] });
  const table = existingTable(request, state);
  const found = existingColumn(table, request);
  const name = textField(body, 'name');
  const index = body['index'];
  if (name !== undefined) renameColumn(table, found, name);
  if (typeof index === 'number') placeColumn(table, found, index);
  found.updatedAt = state.timestamp();
  touch(table, state);
  return ok(columnView(found, table));
}

function renameColumn(table: DataTable, found: Column, name: string): void {
  for (const row of table.rows.scan({ aboveId: 0, descending: false })) {
    const { [found.name]: value = null, ...rest } = row;
    table.rows.replace({ ...rest, id: row.id, [name]: value });
  }
  found.name = name;
}

function removeColumn(request: ApiRequest, state: State): ApiAnswer {
  const table = existingTable(request, state);
  const found = existingColumn(table, request);
  table.columns = table.columns.filter((item) => item !== found);
  table.columns.toSorted((a, b) => a.index - b.index).forEach((item, index) => (item.index = index));
  touch(table, state);
  return noContent();
}

/** Puts a column at an index and moves the others. */
function placeColumn(table: DataTable, placed: Column, index: number): void {
  const others = table.columns.filter((item) => item !== placed).sort((a, b) => a.index - b.index);
  table.columns = others.toSpliced(index, 0, placed);
  table.columns.forEach((item, position) => (item.index = position));
}

function touch(table: DataTable, state: State): void {
  table.updatedAt = state.timestamp();
}

function acceptedName(body: JsonObject): string {
  const name = requiredText(body, 'name');
  if (name.length < 1) throw badRequest('request/body/name must NOT have fewer than 1 characters');
  if (name.length > 128) throw badRequest('request/body/name must NOT have more than 128 characters');
  return name;
}

const COLUMN_TYPES: readonly string[] = ['string', 'number', 'boolean', 'date'] satisfies ColumnType[];

function acceptedColumn(entry: Json): { name: string; type: ColumnType } {
  if (!isJsonObject(entry)) throw badRequest('request/body must be object');
  const name = requiredText(entry, 'name');
  const type = requiredText(entry, 'type');
  if (!COLUMN_TYPES.includes(type)) {
    throw badRequest(`Invalid enum value. Expected 'string' | 'number' | 'boolean' | 'date', received '${type}'`);
  }
  if (['id', 'createdAt', 'updatedAt'].includes(name)) {
    throw badRequest(`Column name "${name}" is reserved as a system column name.`);
  }
  if (!/^[a-zA-Z][a-zA-Z0-9_]{0,62}$/.test(name)) {
    throw badRequest(
      'Only alphabetical characters and non-leading numbers and underscores are allowed for column names, and the maximum length is 63 characters.',
    );
  }
  return { name, type: type as ColumnType };
}

export function existingTable(request: ApiRequest, state: State): DataTable {
  const id = param(request, 'dataTableId');
  const table = state.dataTables.get(id);
  if (table === undefined) throw notFound(`Could not find the data table: '${id}'`);
  return table;
}

function existingColumn(table: DataTable, request: ApiRequest): Column {
  const id = param(request, 'columnId');
  const found = table.columns.find((item) => item.id === id);
  if (found === undefined) throw notFound(`Could not find the column '${id}' in the data table: '${table.id}'`);
  return found;
}

function nameTaken(name: string): Error {
  return conflict(`Data table with name '${name}' already exists in this project`);
}
