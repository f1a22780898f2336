import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latestFiles } from '../support/backup.ts';
import type { FlowkeepRun } from '../support/flowkeep.ts';
import { differences, expectClearError, expectIntact, isHonestPart, type Files } from './check.ts';
import { faultyRuns, replay } from './matrix.ts';
import { copyStores, openStores } from './stores.ts';
import { Tally, type Ending } from './tally.ts';
import {
  expectKept,
  runWithFaults,
  save,
  startWorld,
  STORE_NAMES,
  TEMPLATE,
  type StoreName,
  type World,
} from './world.ts';

const REFERENCE = 'reference';
const tally = new Tally('flowkeep backup');
let world: World;
let before: Files;
let expected: Files;

beforeAll(async () => {
  world = await startWorld();
  before = await latestFiles(openStores(world.servers, TEMPLATE).s3);
  await copyStores(world.servers, TEMPLATE, REFERENCE);
  expected = await readReference();
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  console.log(`\n${tally.toMarkdown()}\n`);
});

/** What a backup without faults saves now. */
async function readReference(): Promise<Files> {
  const { s3 } = openStores(world.servers, REFERENCE);
  await save(world.n8n, [s3]);
  return latestFiles(s3);
}

describe('a backup that meets faults', () => {
  // A run mostly waits: for n8n, for a stall to end, for its turn to try again.
  it.concurrent.each(faultyRuns())(
    'a backup that meets faults saves what it saves without, or says what is wrong: $rate, seed $seed',
    async (run) => {
      const name = `backup-${run.rate * 100}-${run.seed}`;
      await copyStores(world.servers, TEMPLATE, name);
      const { done, met } = await runWithFaults(world, name, ['backup', '--json', '--wait', '5'], run);
      const stores = openStores(world.servers, name);
      for (const store of STORE_NAMES) {
        const found = await latestFiles(stores[store]);
        const ending = await judge(found, outcomeIn(done, store));
        tally.add(store, run.rate, [met.n8n, met[store]], ending);
        const about = `${store}: ${replay(run, 'backup')}\n${done.code} ${done.stdout}\n${done.stderr}`;
        if (ending === 'WRONG') expect(differences(found, expected), about).toEqual([]);
        if (ending !== 'same') expectClearError(done);
        await expectIntact(stores[store]);
        await expectKept(world, store, name, TEMPLATE);
      }
    },
  );
});

/** A saved snapshot is the expected one, or says which kinds are not; after an error there is none, or all of it. */
async function judge(found: Files, outcome: string): Promise<Ending> {
  if (outcome === 'failed') {
    const nothing = differences(found, before).length === 0;
    return nothing || (await isExpected(found)) || isHonestPart(found, before, expected) ? 'clear error' : 'WRONG';
  }
  if (await isExpected(found)) return 'same';
  return isHonestPart(found, before, expected) ? 'partial, said so' : 'WRONG';
}

/** n8n writes static data of live workflows when it likes: what differs is compared with the state of now. */
async function isExpected(found: Files): Promise<boolean> {
  if (differences(found, expected).length === 0) return true;
  expected = await readReference();
  return differences(found, expected).length === 0;
}

/** `saved`, or `failed`: for the store, or for the whole run. */
function outcomeIn({ stdout }: FlowkeepRun, name: StoreName): string {
  const report = JSON.parse(stdout) as {
    instances: readonly [{ readonly stores?: readonly { readonly store: string; readonly status: string }[] }];
  };
  return report.instances[0].stores?.find(({ store }) => store === name)?.status ?? 'failed';
}
