import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IS_FULL } from '../../support/campaign.ts';
import { readSnapshot, snapshotIds } from './bucket-truth.ts';
import { SPOILINGS, spoil, type Spoiling } from './bucket-spoil.ts';
import { startBucketWorld, type BucketWorld } from './bucket-world.ts';

/**
 * Every object and document of a small bucket, spoilt in each way, one at a time: what is damaged is said with exit
 * code 5, what is not is not, and the next two backups are taken and whole. Who judges reads the bucket by itself.
 */

let world: BucketWorld;
beforeAll(async () => {
  world = await startBucketWorld();
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

const tally = { cases: 0, damaged: 0, harmless: 0, untold: 0, folders: {} as Record<string, number> };
afterAll(() => {
  if (IS_FULL) process.stdout.write(`bucket damage: ${JSON.stringify(tally)}\n`);
});

describe('a bucket of which one object is spoilt', () => {
  it.each(SPOILINGS)('%s', { timeout: 1_200_000 }, async (how) => {
    const failures: string[] = [];
    const keys = [...world.whole.keys()].sort();
    // A sample takes every fifth, another one for each way.
    const chosen = IS_FULL ? keys : keys.filter((_key, index) => index % 5 === SPOILINGS.indexOf(how));
    for (const [index, key] of chosen.entries()) failures.push(...(await tryOne(key, how, seeded(index * 31 + 7))));
    expect(failures).toEqual([]);
  });
});

async function tryOne(key: string, how: Spoiling, random: () => number): Promise<string[]> {
  world.reset();
  const { objects } = world.s3;
  const ids = snapshotIds(objects);
  spoil(objects, key, how, random);
  const left = snapshotIds(objects);
  const broken = left.filter((id) => readSnapshot(objects, id) === null);
  const problems: string[] = [];
  const must = (holds: boolean, what: string): void => {
    if (!holds) problems.push(`${key} ${how}: ${what}`);
  };
  const folder = key.split('/')[1] ?? '';
  tally.folders[folder] = (tally.folders[folder] ?? 0) + 1;
  tally.cases += 1;
  tally[broken.length > 0 ? 'damaged' : 'harmless'] += 1;
  // A manifest that is gone is a snapshot that was removed, for all that the bucket says.
  if (left.length < ids.length) tally.untold += 1;

  const snapshots = await world.run('snapshots', '--json');
  must(snapshots.code === 0, `snapshots ends with ${snapshots.code}: ${snapshots.stderr}`);
  for (const id of left) must(snapshots.stdout.includes(id), `snapshots does not list ${id}`);

  const dryRun = await world.run('restore', 'latest', '--dry-run');
  const safety = (JSON.parse(snapshots.stdout) as { snapshots: { id: string; flags: string[] }[] }).snapshots;
  const latest = safety.find(({ flags }) => !flags.includes('safety'))?.id;
  const latestBroken = latest !== undefined && broken.includes(latest);
  // Inside a document of a restore damage is told by its own reader.
  if (latestBroken) must(dryRun.code === 5, `restore of a broken snapshot ends with ${dryRun.code}`);
  else must([0, 5].includes(dryRun.code), `restore ends with ${dryRun.code}: ${dryRun.stderr}`);
  if (!latestBroken && !key.includes('/documents/'))
    must(dryRun.code === 0, `restore ends with ${dryRun.code}: ${dryRun.stderr}`);

  const verify = await world.run('verify', '--all');
  must(verify.code === (broken.length > 0 ? 5 : 0), `verify ends with ${verify.code}, broken: ${broken.join()}`);
  const told = `${verify.stdout}${verify.stderr}`;
  for (const id of broken) must(told.includes(id) || told.includes(hashOf(key)), `verify does not name ${id}`);

  for (const which of ['first', 'second']) {
    const backup = await world.run('backup');
    must([0, 3].includes(backup.code), `the ${which} backup ends with ${backup.code}: ${backup.stderr}`);
  }
  const [newest = ''] = snapshotIds(objects).slice(-1);
  must(readSnapshot(objects, newest) !== null, `after two backups the newest snapshot is broken`);
  const after = await world.run('verify', 'latest');
  must(after.code === 0, `after two backups verify of latest ends with ${after.code}: ${after.stdout}${after.stderr}`);
  return problems;
}

function hashOf(key: string): string {
  return key.split('/').at(-1)!.replace(/\.gz$/, '');
}

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
