import { describe, expect, it } from 'vitest';
import { ahead, madeAhead } from '../../../../src/restore/apply/ahead.ts';

describe('ahead', () => {
  it('ahead lets nothing outlive its use, whatever failed first', async () => {
    const events: string[] = [];
    const work = Promise.withResolvers<void>();
    const user = async (): Promise<void> => {
      await using begun = ahead(work.promise.finally(() => events.push('the work failed')));
      queueMicrotask(() => work.reject(new Error('of the work')));
      if (events.length === 0) throw new Error('of the user');
      await begun.result;
    };
    await expect(user().finally(() => events.push('the user ended'))).rejects.toThrow('of the user');
    expect(events).toEqual(['the work failed', 'the user ended']);
  });

  it('ahead throws where the result is asked for', async () => {
    await using begun = ahead(Promise.reject(new Error('of the work')));
    await expect(begun.result).rejects.toThrow('of the work');
  });
});

describe('madeAhead', () => {
  it('madeAhead makes the next one while one is in use, after that has begun, and no more than one', async () => {
    const events: string[] = [];
    const made = madeAhead(['a', 'b', 'c'], async (item) => {
      events.push(`make ${item}`);
      return item;
    });
    for await (const item of made) {
      events.push(`use ${item}`);
      await turns(20);
      events.push(`done ${item}`);
    }
    const first = ['make a', 'use a', 'make b', 'done a'];
    expect(events).toEqual([...first, 'use b', 'make c', 'done b', 'use c', 'done c']);
  });

  it('madeAhead fails in the place of what could not be made', async () => {
    const used: number[] = [];
    const made = madeAhead([1, 2, 3], async (item) => {
      if (item === 2) throw new Error('no second');
      return item;
    });
    const use = async (): Promise<void> => {
      for await (const item of made) {
        await turns(20);
        used.push(item);
      }
    };
    await expect(use()).rejects.toThrow('no second');
    expect(used).toEqual([1]);
  });

  it('madeAhead waits for what is being made where the loop ends early', async () => {
    const events: string[] = [];
    const made = madeAhead([1, 2, 3], async (item) => {
      await turns(3);
      events.push(`made ${item}`);
      return item;
    });
    for await (const item of made) if (item === 1) break;
    events.push('over');
    await turns(20);
    expect(events).toEqual(['made 1', 'made 2', 'over']);
  });
});

/** Lets everything that is due have its turn, some times over. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
