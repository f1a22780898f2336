import { describe, expect, it } from 'vitest';
import { forEachParallel, mapParallel } from '../../../../src/store/objects/parallel.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('mapParallel', () => {
  it('mapParallel gives results in order, with so many at work at once', async () => {
    let working = 0;
    let most = 0;
    const results: number[] = [];
    const work = async (item: number): Promise<number> => {
      most = Math.max(most, ++working);
      for (let turn = 0; turn < 5 - item; turn++) await nextTurn();
      working -= 1;
      return item * 10;
    };
    for await (const result of mapParallel([1, 2, 3, 4, 5], 3, work)) results.push(result);

    expect(results).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(3);
  });

  it('mapParallel throws the first failure once the others have ended, and starts no more', async () => {
    const ended: number[] = [];
    const work = async (item: number): Promise<void> => {
      if (item === 2) throw new Error('two failed');
      await nextTurn();
      await nextTurn();
      ended.push(item);
    };
    await expect(forEachParallel([1, 2, 3, 4, 5, 6], 3, work)).rejects.toThrow('two failed');
    expect(ended).toEqual([1, 3, 4].slice(0, ended.length));
    expect(ended).not.toContain(6);
  });

  it('mapParallel ends what it began where the reader stops early', async () => {
    let working = 0;
    const work = async (item: number): Promise<number> => {
      working += 1;
      await nextTurn();
      working -= 1;
      return item;
    };
    for await (const _ of mapParallel([1, 2, 3, 4], 2, work)) break;
    expect(working).toBe(0);
  });
});
