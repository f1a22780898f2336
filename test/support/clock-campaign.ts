import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { prune } from '../../src/jobs/prune/prune.ts';
import { isN8nError } from '../../src/n8n/http/errors.ts';
import { isStoreError } from '../../src/store/errors.ts';
import type { RetentionPolicy } from '../../src/store/retention.ts';
import type { Store } from '../../src/store/store.ts';
import { Spool } from '../../src/lib/spool.ts';
import { CLOCK_TOLERANCE_MS } from '../../src/lib/time.ts';
import { clientFor, takeBackup } from './backup.ts';
import { Random } from './hostile/forgery/random.ts';
import { greppedLogger } from './secrets/logger.ts';
import type { StandIn } from './stand-in/start.ts';
import { addTag } from './stand-in/tags.ts';
import { testTools } from './tools.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Autumn of 2026 in Berlin: its clocks go back on 25 October. */
const START = Date.parse('2026-10-20T06:00:00Z');
/** What a clock may be set wrong by, or right again. */
const LEAPS = [0, 0, 0, 2, -2, 40, -40].map((minutes) => minutes * MINUTE);
const LARGE_LEAPS = [...[3, -3, 11, -11].map((hours) => hours * HOUR), 400 * DAY, -400 * DAY];
const POLICY: RetentionPolicy = {
  ...{ keepLast: 5, keepHourly: 0, keepDaily: 7, keepWeekly: 4, keepMonthly: 0, keepYearly: 0 },
  keepWithinMs: 3 * DAY,
};

/** A place for snapshots. */
export interface ClockPlace extends AsyncDisposable {
  open(): Promise<Store>;
  /** By how many milliseconds the place's own clock is ahead of this machine's. */
  setAheadMs(ms: number): void;
  /** The place refuses machines whose clock is further off its own than this, in milliseconds. */
  readonly refusesBeyondMs: number;
  /** Whether the place is on the machine that backs up, so that its clock is as wrong. */
  readonly sharesClock: boolean;
}

export interface Tally {
  saved: number;
  unchanged: number;
  refused: number;
  warned: number;
  pruned: number;
}

interface Saved {
  readonly id: string;
  /** How many tags n8n had. */
  readonly state: number;
}

/**
 * So many days of two machines that back up one n8n in turn, each with a clock of its own that leaps. After each run:
 * every state that was saved is listed, in the order of saving; the last one is `latest` and holds what n8n has; an
 * unchanged n8n saved nothing; a wrong time was told once. Prune runs with whatever clock a machine has.
 */
export async function clockCampaign(
  n8n: StandIn,
  place: ClockPlace,
  { seed, days, runsADay }: { readonly seed: number; readonly days: number; readonly runsADay: number },
): Promise<Tally> {
  const random = new Random(seed);
  // A folder of its own: a spool tidies up by the clock.
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-clock-'));
  const openSpool = (): Spool => new Spool(folder);
  const client = clientFor(n8n);
  const offsets = [0, 0];
  const saved: Saved[] = [];
  const tally: Tally = { saved: 0, unchanged: 0, refused: 0, warned: 0, pruned: 0 };
  let state = n8n.state.tags.size;
  for (let run = 0; run < days * runsADay; run += 1) {
    const time = START + (run * DAY) / runsADay + random.below(HOUR);
    const machine = random.below(2);
    if (random.next() < 0.3) offsets[machine] = random.pick(random.next() < 0.3 ? LARGE_LEAPS : LEAPS);
    const now = time + (offsets[machine] ?? 0);
    vi.setSystemTime(now);
    place.setAheadMs(place.sharesClock ? 0 : time - now);
    if (random.next() < 0.6) {
      state += 1;
      addTag(n8n.state, { name: `state ${state}` });
    }
    await using store = await place.open();
    const warnings: string[] = [];
    const logger = { ...greppedLogger, warn: (_fields: object, message: string) => void warnings.push(message) };
    const before = await store.latest('prod');
    const isRefused = !place.sharesClock && Math.abs(offsets[machine] ?? 0) > place.refusesBeyondMs;
    const where = `run ${run} of seed ${seed}`;
    const mustSave = saved.at(-1)?.state !== state;
    try {
      const [outcome] = (await takeBackup(n8n, { store, logger, openSpool, client: keptOpen(client) })).stores;
      expect(outcome?.status, where).toBe(mustSave ? 'saved' : 'unchanged');
      if (outcome?.status === 'saved') saved.push({ id: outcome.snapshot.id, state });
      tally[mustSave ? 'saved' : 'unchanged'] += 1;
    } catch (error) {
      if (!isRefused || isN8nError(error) || !isStoreError(error, 'failed')) throw error;
      expect(error.message, where).toContain('clock');
      tally.refused += 1;
    }
    const isAhead = before !== null && Date.parse(before.info.takenAt) > now + CLOCK_TOLERANCE_MS;
    expect(warnings.filter((line) => line.includes('claims to be of the future')).length, where).toBe(isAhead ? 1 : 0);
    tally.warned += isAhead ? 1 : 0;
    await expectAll(store, saved, where);
    if (run % (3 * runsADay) === runsADay && store.retention === 'policy')
      tally.pruned += await pruneAndCheck(store, saved, where);
  }
  await using store = await place.open();
  for (const each of saved) expect(await stateOf(store, each.id), each.id).toBe(each.state);
  await client.close();
  rmSync(folder, { recursive: true });
  return tally;
}

/** The same client for every run: `takeBackup` closes the one that it gets. */
function keptOpen(client: ReturnType<typeof clientFor>): ReturnType<typeof clientFor> {
  return new Proxy(client, {
    get: (target, name) => {
      if (name === 'close') return async () => undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function expectAll(store: Store, saved: readonly Saved[], where: string): Promise<void> {
  const listed = (await store.list('prod')).map(({ id }) => id);
  expect(listed.toReversed(), where).toEqual(saved.map(({ id }) => id));
  const last = saved.at(-1);
  if (!last) return;
  expect((await store.latest('prod'))?.info.id, where).toBe(last.id);
  expect(await stateOf(store, last.id), where).toBe(last.state);
}

async function stateOf(store: Store, id: string): Promise<number> {
  const content = await (await store.open('prod', id)).read('tags.json');
  return (JSON.parse(Buffer.from(content).toString()) as unknown[]).length;
}

/** Takes out of `saved` what prune removed, after a look that it was none of the last ones. */
async function pruneAndCheck(store: Store, saved: Saved[], where: string): Promise<number> {
  const report = await prune({
    ...testTools(),
    targets: [{ store, policy: POLICY, instances: [{ name: 'prod', timezone: 'Europe/Berlin' }] }],
    dryRun: false,
  });
  const [outcome] = report.stores;
  if (outcome?.status !== 'pruned') throw new Error(`${where}: ${JSON.stringify(outcome)}`);
  const removed = new Set(outcome.removed.map(({ id }) => id));
  for (const { id } of saved.slice(-POLICY.keepLast))
    expect(removed.has(id), `${where}: ${id} was removed`).toBe(false);
  saved.splice(0, saved.length, ...saved.filter(({ id }) => !removed.has(id)));
  await expectAll(store, saved, where);
  return removed.size;
}
