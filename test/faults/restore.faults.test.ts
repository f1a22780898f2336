import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../support/memory-store.ts';
import { latestFiles, takeBackup } from '../support/backup.ts';
import { expectClearError, expectIntact, type Files } from './check.ts';
import { differingItems } from './comparable.ts';
import { damage } from './instance.ts';
import { faultyRuns, replay, type FaultyRun } from './matrix.ts';
import { copyStores, openStores } from './stores.ts';
import { Tally } from './tally.ts';
import { expectKept, runWithFaults, save, startWorld, TEMPLATE, type StoreName, type World } from './world.ts';

const REFERENCE = 'reference';
const tally = new Tally('flowkeep restore');
let world: World;
let expected: Files;

beforeAll(async () => {
  world = await startWorld();
  await copyStores(world.servers, TEMPLATE, REFERENCE);
  await save(world.n8n, Object.values(openStores(world.servers, REFERENCE)));
  expected = await readTarget();
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  console.log(`\n${tally.toMarkdown()}\n`);
});

describe('a restore that meets faults', () => {
  it.each(faultyRuns())(
    'a restore that meets faults brings everything back, if need be when run again: $rate, seed $seed',
    async (run) => {
      const store: StoreName = run.seed % 2 === 0 ? 'git' : 's3';
      const name = `restore-${run.rate * 100}-${run.seed}`;
      await copyStores(world.servers, REFERENCE, name);
      await damage(world.client, world.ids);
      expect(differingItems(await readTarget(), expected)).not.toEqual([]);

      const { done, met } = await restore(name, store, run);
      const left = differingItems(await readTarget(), expected);
      const faults = [met.n8n, met[store]];
      const about = `${replay(run, 'restore')}\n${done.code} ${done.stdout.slice(0, 20_000)}\n${done.stderr}`;
      tally.add(store, run.rate, faults, done.code !== 0 ? 'clear error' : left.length === 0 ? 'same' : 'WRONG');
      if (done.code === 0) expect(left, about).toEqual([]);
      else {
        expectClearError(done);
        const again = await restore(name, store, { ...run, rate: 0 });
        const rest = differingItems(await readTarget(), expected);
        expect([again.done.code, rest], `${about}\n${again.done.stdout}`).toEqual([0, []]);
      }
      await expectIntact(openStores(world.servers, name)[store]);
      await expectKept(world, store, name, REFERENCE);
    },
  );
});

function restore(name: string, store: StoreName, run: FaultyRun): ReturnType<typeof runWithFaults> {
  return runWithFaults(world, name, ['restore', '--store', store, '--yes', '--json', '--wait', '5'], run);
}

/** Everything that the instance holds now, read without faults. */
async function readTarget(): Promise<Files> {
  const store = new MemoryStore();
  await takeBackup(world.n8n, { store });
  return latestFiles(store);
}
