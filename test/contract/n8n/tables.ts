import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/lib/json/json.ts';
import { fields, text, unique, type Api } from './api.ts';

const COLUMNS = [
  { name: 'ref', type: 'string' },
  { name: 'n', type: 'number' },
  { name: 'ok', type: 'boolean' },
  { name: 'at', type: 'date' },
];

/** Data tables, their columns and rows. */
export function testTables(api: () => Api): void {
  const make = async (columns: JsonObject[] = COLUMNS) =>
    (await api().post('/data-tables', { name: unique('Table'), columns })).json;
  const rowsOf = (table: JsonObject) => `/data-tables/${text(table['id'])}/rows`;
  const filter = (columnName: string, condition: string, value: unknown) =>
    encodeURIComponent(JSON.stringify({ type: 'and', filters: [{ columnName, condition, value }] }));
  const ids = async (path: string) => ((await api().get(path)).json['data'] as JsonObject[]).map(({ id }) => id);

  test('tables: fields, columns by name, newest first, ids are not chosen', async () => {
    const older = await make();
    const answer = await api().post('/data-tables', {
      id: 'AAAAAAAAAAAAAAAA',
      name: unique('T'),
      columns: [],
    });
    expect([answer.status, answer.json['id'] === 'AAAAAAAAAAAAAAAA']).toEqual([201, false]);
    const shape = ['columns', 'createdAt', 'id', 'name', 'projectId', 'sizeBytes', 'updatedAt'];
    expect(fields(older)).toEqual(shape);
    const listed = await api().all('/data-tables');
    expect(listed.slice(0, 2).map(({ id }) => id)).toEqual([answer.json['id'], older['id']]);
    const columns = listed[1]?.['columns'] as JsonObject[];
    expect(columns.map(({ name, index }) => [name, index])).toEqual([
      ['at', 3],
      ['n', 1],
      ['ok', 2],
      ['ref', 0],
    ]);
    expect(fields(columns[0])).toEqual(['createdAt', 'id', 'index', 'name', 'type', 'updatedAt']);
  });

  test('tables: what is refused', async () => {
    const refusal = async (body: JsonObject) => {
      const { status, json } = await api().post('/data-tables', body);
      return [status, json['message']];
    };
    const { name } = await make();
    expect(await refusal({ name: name ?? '', columns: COLUMNS })).toEqual([
      409,
      `Data table with name '${text(name)}' already exists in this project`,
    ]);
    expect(await refusal({ name: unique('T'), columns: [{ name: 'a', type: 'json' }] })).toEqual([
      400,
      "Invalid enum value. Expected 'string' | 'number' | 'boolean' | 'date', received 'json'",
    ]);
    expect(await refusal({ name: unique('T'), columns: [{ name: 'id', type: 'string' }] })).toEqual([
      400,
      'Column name "id" is reserved as a system column name.',
    ]);
    expect((await refusal({ name: unique('T'), columns: [{ name: 'a b', type: 'string' }] }))[0]).toBe(400);
    expect(await refusal({ name: '', columns: [] })).toEqual([
      400,
      'request/body/name must NOT have fewer than 1 characters',
    ]);
    expect((await api().get('/data-tables/nosuch')).json).toEqual({
      message: 'request/params/dataTableId must match format "nanoid"',
    });
    expect(await api().get('/data-tables/AAAAAAAAAAAAAAAA')).toMatchObject({
      status: 404,
      json: { message: "Could not find the data table: 'AAAAAAAAAAAAAAAA'" },
    });
  });

  test('columns: added, placed, renamed, removed', async () => {
    const table = await make();
    const at = `/data-tables/${text(table['id'])}/columns`;
    await api().post(rowsOf(table), { data: [{ ref: 'kept' }] });
    expect((await api().post(at, { name: 'last', type: 'string' })).json).toMatchObject({ index: 4 });
    const placed = (await api().post(at, { name: 'mid', type: 'number', index: 1 })).json;
    expect((await api().post(at, { name: 'mid', type: 'number' })).status).toBe(409);
    const names = async () => (await api().get(at)).list.map(({ name }) => name);
    expect(await names()).toEqual(['ref', 'mid', 'n', 'ok', 'at', 'last']);
    await api().patch(`${at}/${text(placed['id'])}`, { name: 'middle' });
    await api().patch(`${at}/${text(placed['id'])}`, { index: 0 });
    expect(await names()).toEqual(['middle', 'ref', 'n', 'ok', 'at', 'last']);
    expect((await api().delete(`${at}/${text(placed['id'])}`)).status).toBe(204);
    const { data } = (await api().get(rowsOf(table))).json as { data: JsonObject[] };
    expect([Object.keys(data[0] ?? {}), data[0]]).toMatchObject([
      ['ref', 'n', 'ok', 'at', 'last', 'id', 'createdAt', 'updatedAt'],
      { ref: 'kept', last: null },
    ]);
  });

  test('rows: values are converted, absent ones are null', async () => {
    const table = await make();
    const insert = async (row: JsonObject) =>
      (await api().post(rowsOf(table), { data: [row], returnType: 'all' })).list[0];
    expect(await insert({ ref: 5, n: '12', ok: 'true', at: '2026-01-02T03:04:05+02:00' })).toMatchObject({
      ...{ id: 1, ref: '5', n: 12, ok: true, at: '2026-01-02T01:04:05.000Z' },
    });
    expect(await insert({})).toMatchObject({ id: 2, ref: null, n: null, ok: null, at: null });
  });

  test('rows: answers of an insert, and what is refused', async () => {
    const table = await make();
    const insert = async (body: unknown) => (await api().post(rowsOf(table), body)).json;
    expect(await insert({ data: [{ ref: 'a' }, { ref: 'b' }] })).toEqual({ success: true, insertedRows: 2 });
    expect(await insert({ data: [{ ref: 'c' }], returnType: 'id' })).toEqual([{ id: 3 }]);
    const unknown = (name: string) => ({
      message: `Validation error with data table request: unknown column name '${name}'`,
    });
    expect(await insert({ data: [{ id: 9, ref: 'x' }] })).toEqual(unknown('id'));
    expect(await insert({ data: [{ foo: 9 }] })).toEqual(unknown('foo'));
    expect(await insert({ data: [{ n: 'str' }] })).toEqual({
      message:
        "Validation error with data table request: value 'str' does not match column type 'number': 'n' expects a number but we got 'str'",
    });
    expect(await insert({ data: [] })).toEqual({
      message: 'request/body/data must NOT have fewer than 1 items',
    });
    expect(await insert({ data: [{ ref: 'x' }], returnType: 'foo' })).toEqual({
      message: 'request/body/returnType must be equal to one of the allowed values: count, id, all',
    });
  });

  test('rows: pages by offset and by key, in id order', async () => {
    const table = await make();
    await api().post(rowsOf(table), { data: Array.from({ length: 7 }, (_, index) => ({ n: index })) });
    const first = (await api().get(`${rowsOf(table)}?limit=3`)).json;
    expect(Buffer.from(text(first['nextCursor']), 'base64').toString()).toBe('{"limit":3,"offset":3}');
    const next = (await api().get(`${rowsOf(table)}?limit=3&cursor=${text(first['nextCursor'])}`)).json;
    expect((next['data'] as JsonObject[]).map(({ id }) => id)).toEqual([4, 5, 6]);
    const sorted = `${rowsOf(table)}?limit=3&sortBy=id%3Aasc`;
    expect(await ids(`${sorted}&filter=${filter('id', 'gt', 5)}`)).toEqual([6, 7]);
    expect(await ids(`${sorted}&filter=${filter('id', 'lte', 2)}`)).toEqual([1, 2]);
    expect(await ids(`${rowsOf(table)}?limit=2&sortBy=id%3Adesc`)).toEqual([7, 6]);
    expect(await ids(`${rowsOf(table)}?sortBy=n%3Adesc&limit=2`)).toEqual([7, 6]);
  });

  test('rows: bad filters and orders', async () => {
    const table = await make();
    const refusal = async (query: string) => {
      const { status, json } = await api().get(`${rowsOf(table)}?${query}`);
      return [status, json['message']];
    };
    expect(await refusal('sortBy=id:asc')).toEqual([
      400,
      "Parameter 'sortBy' must be url encoded. Its value may not contain reserved characters.",
    ]);
    expect((await refusal('sortBy=nosuch%3Aasc'))[0]).toBe(500);
    expect(await refusal('sortBy=id')).toEqual([400, 'Invalid sort format, expected <columnName>:<asc/desc>']);
    expect(await refusal('limit=251')).toEqual([400, 'request/query/limit must be <= 250']);
    expect(await refusal('filter=abc')).toEqual([400, 'request/query/filter must match format "jsonString"']);
    expect((await refusal(`filter=${filter('nosuch', 'eq', 1)}`))[0]).toBe(400);
    expect(await refusal(`filter=${filter('ref', 'zz', 1)}`)).toEqual([400, 'Invalid filter fields']);
  });

  test('rows: update, upsert, delete, and clear, after which ids start again', async () => {
    const table = await make();
    await api().post(rowsOf(table), { data: [{ ref: 'a' }, { ref: 'b' }, { ref: null }] });
    const by = (value: unknown) => ({
      type: 'and',
      filters: [{ columnName: 'ref', condition: 'eq', value }],
    });
    const update = (body: JsonObject) => api().patch(`${rowsOf(table)}/update`, body);
    expect((await update({ filter: by('a') as JsonObject, data: { n: 1 } })).text).toBe('true');
    expect((await update({ filter: by('b') as JsonObject, data: { n: 2 }, returnData: true })).list).toMatchObject([
      { id: 2, n: 2 },
    ]);
    expect((await update({ filter: { type: 'and', filters: [] }, data: { n: 2 } })).status).toBe(400);
    const upserted = await api().post(`${rowsOf(table)}/upsert`, {
      filter: by('new'),
      data: { ref: 'new' },
      returnData: true,
    });
    expect(upserted.list).toMatchObject([{ id: 4, ref: 'new' }]);
    expect(await ids(`${rowsOf(table)}?filter=${filter('ref', 'eq', null)}`)).toEqual([3]);
    expect((await api().delete(`${rowsOf(table)}/delete?filter=${filter('id', 'eq', 3)}`)).text).toBe('true');
    expect((await api().delete(`${rowsOf(table)}/delete`)).status).toBe(400);
    expect(await ids(rowsOf(table))).toEqual([1, 2, 4]);
    expect((await api().delete(`${rowsOf(table)}/clear`)).json).toEqual({ deletedCount: 3 });
    expect((await api().post(rowsOf(table), { data: [{ ref: 'x' }], returnType: 'id' })).json).toEqual([{ id: 1 }]);
    expect((await api().delete(`/data-tables/${text(table['id'])}`)).status).toBe(204);
    expect((await api().get(rowsOf(table))).status).toBe(404);
  });
}
