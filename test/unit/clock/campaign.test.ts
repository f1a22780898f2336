import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createGitStore } from '../../../src/store/git/store.ts';
import { clockCampaign, type ClockPlace } from '../../support/clock-campaign.ts';
import { GitFolder } from '../../support/git-folder.ts';
import { emptyMemoryState, MemoryStore } from '../../support/memory-store.ts';
import { S3StandIn } from '../../support/s3/stand-in.ts';
import { createS3Store } from '../../support/s3/store.ts';
import { startStandIn, type StandIn } from '../../support/stand-in/start.ts';

/**
 * FLOWKEEP_CLOCK_DAYS sets how many days are simulated (`npm run test:clock`: 60, with four runs a day and five seeds),
 * FLOWKEEP_CLOCK_SEED the first seed.
 */
const DAYS = Number(process.env.FLOWKEEP_CLOCK_DAYS ?? 0);
const SEED = Number(process.env.FLOWKEEP_CLOCK_SEED ?? 1);
const SEEDS = DAYS > 0 ? 5 : 1;
const RUNS_A_DAY = 4;

let n8n: StandIn;
beforeAll(async () => {
  n8n = await startStandIn({ licensed: true });
  // The wall clock alone: what waits, waits as ever.
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterAll(async () => {
  vi.useRealTimers();
  await n8n.stop();
});

const nothing = { setAheadMs: () => undefined, refusesBeyondMs: Number.POSITIVE_INFINITY, sharesClock: false };

async function memory(): Promise<ClockPlace> {
  const state = emptyMemoryState();
  return { ...nothing, open: async () => new MemoryStore('memory', state), [Symbol.asyncDispose]: async () => {} };
}

async function git(): Promise<ClockPlace> {
  const folder = new GitFolder();
  const [path, cacheDir] = [folder.at('n8n-backup'), folder.at('cache')];
  return {
    ...nothing,
    open: async () => createGitStore({ name: 'repo', path, cacheDir, env: process.env }),
    [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
  };
}

async function s3(sharesClock: boolean): Promise<ClockPlace> {
  const server = await S3StandIn.start();
  return {
    open: async () => createS3Store(server.storeOptions()),
    setAheadMs: (ms) => void (server.options.clockAheadMs = ms),
    ...{ refusesBeyondMs: 15 * 60_000, sharesClock },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Days of the sample, by what a day of each costs. */
const PLACES: readonly (readonly [name: string, days: number, make: () => Promise<ClockPlace>])[] = [
  ['memory', 15, memory],
  ['git', 2, git],
  ['s3, whose clock is right', 8, () => s3(false)],
  ['s3 on the machine whose clock leaps', 8, () => s3(true)],
];

describe('clocks that leap, on two machines that disagree', () => {
  for (const [name, days, make] of PLACES)
    it(`nothing is hidden, lost, doubled or told twice in ${name}`, { timeout: 60_000 * (DAYS || 1) }, async () => {
      for (let seed = SEED; seed < SEED + SEEDS; seed += 1) {
        await using place = await make();
        const tally = await clockCampaign(n8n, place, { seed, days: DAYS || days, runsADay: RUNS_A_DAY });
        if (DAYS > 0) process.stderr.write(`${name}, seed ${seed}: ${JSON.stringify(tally)}\n`);
        expect(tally.saved).toBeGreaterThan(0);
      }
    });
});
