import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchoredPass, type Pass } from '../../../../src/n8n/list/pass.ts';
import { ChangingList, idOf, type Change } from '../support/changing-list.ts';

/** One pass over a list in memory, with `schedule[n]` happening before request n + 2. */
function pass(list: ChangingList, schedule: readonly (readonly Change[])[], pageSize = 4): Promise<Pass> {
  let count = 0;
  const at = (offset: number) => {
    for (const change of schedule[count++ - 1] ?? []) list.apply(change);
    const items = list.items.slice(offset, offset + pageSize);
    const more = list.items.length > offset + pageSize;
    return Promise.resolve({ items, more, [Symbol.dispose]: () => undefined });
  };
  const reader = { idOf: (item: { id?: unknown }) => idOf(item.id as string), onPage: () => undefined };
  return anchoredPass({ name: '/things', pageSize, at }, reader);
}

describe('anchoredPass', () => {
  it('anchoredPass over a quiet list sees everything, in order and undisturbed', async () => {
    const list = new ChangingList(11);
    await expect(pass(list, [])).resolves.toEqual({ ids: list.lasting, atomic: false, disturbed: false });
  });

  it('anchoredPass of one page is atomic', async () => {
    await expect(pass(new ChangingList(3), [])).resolves.toMatchObject({ atomic: true, disturbed: false });
  });

  it('anchoredPass steps back until it overlaps, however much is deleted', async () => {
    const list = new ChangingList(60);
    const half = Array.from({ length: 35 }, (): Change => ({ kind: 'delete', at: 0 }));
    const { ids, disturbed } = await pass(list, [[], [], [], [], [], [], [], [], [], [], half]);
    expect(disturbed).toBe(true);
    expect(ids).toEqual(expect.arrayContaining([...list.lasting]));
  });

  it('anchoredPass says that it was disturbed when items were created before its position', async () => {
    const list = new ChangingList(12);
    await expect(pass(list, [[], [{ kind: 'create', at: 0 }]])).resolves.toMatchObject({ disturbed: true });
  });

  it('anchoredPass does not take what it saw beyond a gap for its own ground', async () => {
    const list = new ChangingList(6);
    const twice: Change[] = [0, 0].map((at) => ({ kind: 'delete', at }));
    const { ids } = await pass(list, [twice, twice]);
    expect(ids).toEqual(expect.arrayContaining([...list.lasting]));
  });

  it('anchoredPass misses nothing by itself, as long as items are only created and deleted', async () => {
    const at = fc.nat({ max: 40 });
    const change: fc.Arbitrary<Change> = fc.oneof(
      fc.record({ kind: fc.constant('create' as const), at }),
      fc.record({ kind: fc.constant('delete' as const), at }),
    );
    const schedules = fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 40 }), schedules, async (size, schedule) => {
        const list = new ChangingList(size);
        const { ids } = await pass(list, schedule);
        expect(list.lasting.filter((id) => !ids.includes(id))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
