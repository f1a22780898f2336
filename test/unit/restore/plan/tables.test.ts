import { describe, expect, test } from 'vitest';
import { parseJson, type JsonObject } from '../../../../src/lib/json/json.ts';
import { compareRows } from '../../../../src/restore/plan/compare/compare-rows.ts';
import type { TableWork } from '../../../../src/restore/plan/work.ts';
import { actionOf, modelOf, planOf, summary, type Instance } from '../support.ts';

function table(rows: readonly JsonObject[], columns: Record<string, string> = { a: 'string', n: 'number' }): Instance {
  return { tables: [{ id: 'd', name: 'Orders', columns, rows }] };
}

async function work(source: Instance, live: Instance, rows: 'replace' | 'append' = 'replace'): Promise<TableWork> {
  const action = actionOf(await planOf(source, live, { rows }), 'data-tables:d', 'update');
  return action.work as TableWork;
}

describe('rows', () => {
  test('ids and times do not count, order and values do', async () => {
    const source = table([
      { a: 'x', n: 1 },
      { a: 'y', n: null },
    ]);
    const live = table([
      { id: 7, createdAt: 'z', a: 'x', n: 1 },
      { id: 9, a: 'y' },
    ]);
    expect(summary(await planOf(source, live))).toEqual(['unchanged data-tables:d']);
    const swapped = table([
      { a: 'y', n: null },
      { a: 'x', n: 1 },
    ]);
    expect(summary(await planOf(source, swapped))).toEqual(['update data-tables:d']);
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['an empty text is not null', { a: '' }, { a: null }],
    ['a text is not a number', { n: '1' }, { n: 1 }],
    [
      'big numbers keep every digit',
      parseJson('{"n":9007199254740993}') as JsonObject,
      parseJson('{"n":9007199254740992}') as JsonObject,
    ],
  ])('%s', async (_what, one, other) => {
    expect(summary(await planOf(table([one]), table([other])))).toEqual(['update data-tables:d']);
    expect(summary(await planOf(table([one]), table([one])))).toEqual(['unchanged data-tables:d']);
  });

  test('replace deletes up to the highest id that was seen, so that newer rows survive', async () => {
    const live = table([
      { id: 3, a: 'old' },
      { id: 2500, a: 'older' },
    ]);
    expect((await work(table([{ a: 'x' }]), live)).rows).toEqual({
      do: 'replace',
      deleteUpToId: 2500,
      rows: 1,
    });
    expect((await work(table([{ a: 'x' }]), table([]))).rows).toEqual({
      do: 'replace',
      deleteUpToId: null,
      rows: 1,
    });
  });

  test('append adds what is not there, counting equal rows', async () => {
    const source = table([{ a: 'x' }, { a: 'x' }, { a: 'y' }]);
    expect((await work(source, table([{ a: 'z' }, { a: 'x' }]), 'append')).rows).toEqual({
      do: 'append',
      rows: 2,
    });
    const all = table([{ a: 'z' }, { a: 'y' }, { a: 'x' }, { a: 'x' }]);
    expect(summary(await planOf(source, all, { rows: 'append' }))).toEqual(['unchanged data-tables:d']);
  });

  test('rows of many files come in id order', async () => {
    const rows = Array.from({ length: 3 }, (_, index) => ({ id: index * 9000 + 1, a: String(index) }));
    const { 'data-tables': tables } = await modelOf(table(rows));
    const read: unknown[] = [];
    for await (const row of tables.get('d')!.rows()) read.push(row.a);
    expect(read).toEqual(['0', '1', '2']);
    expect(await compareRows(tables.get('d')!, null)).toMatchObject({
      sourceRows: 3,
      equal: false,
      missing: 3,
    });
  });
});

describe('columns', () => {
  test('columns that are missing are added; that are new stay and are named', async () => {
    const source = table([{ a: 'x' }]);
    const live = table([{ a: 'x', b: 'kept' }], { a: 'string', b: 'string' });
    const action = actionOf(await planOf(source, live), 'data-tables:d', 'update');
    expect(action.work).toMatchObject({ addColumns: [{ name: 'n', type: 'number' }], rows: { do: 'keep' } });
    expect(action.notes).toMatchObject([{ code: 'column', message: expect.stringContaining('"b"') as string }]);
  });

  test('columns of another type block the rows', async () => {
    const plan = await planOf(table([{ a: 'x' }]), table([], { a: 'number', n: 'number' }));
    expect(actionOf(plan, 'data-tables:d', 'blocked').why).toBe(
      'column "a" is string in the snapshot and number on the target',
    );
  });
});
