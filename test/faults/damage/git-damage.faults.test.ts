import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IS_FULL } from '../../support/campaign.ts';
import { runCase, SORTS, type Sort } from './git-case.ts';
import { ARRANGEMENTS, GitDamageWorld } from './git-world.ts';

/**
 * Every file of a small git store, damaged in every way, one at a time: what verify, snapshots, a restore and backups
 * say of it. `npm run test:damage` runs all of it, and prints how each ended.
 */
/** What a power cut does most often; a pattern of files and sorts chooses others. */
const SAMPLE = '^(HEAD emptied|refs/heads/main zeroed)$';
const ONLY = new RegExp(process.env['FLOWKEEP_DAMAGE_ONLY'] ?? (IS_FULL ? '' : SAMPLE));

describe.each(ARRANGEMENTS)('git store: %s', (arrangement) => {
  let world: GitDamageWorld;
  beforeAll(async () => {
    world = await GitDamageWorld.make(arrangement);
  });
  afterAll(async () => world.stop());

  it('takes no damage for nothing, and is blocked by none', { timeout: 7_200_000 }, async () => {
    const cases = world.files().flatMap((file) => SORTS.map((sort): [string, Sort] => [file, sort]));
    const chosen = cases.filter(([file, sort]) => ONLY.test(`${file} ${sort}`));
    const wrong: string[] = [];
    const tally = new Map<string, number>();
    for (const [file, sort] of chosen) {
      const { faults, codes } = await runCase(world, file, sort);
      tally.set(codes, (tally.get(codes) ?? 0) + 1);
      wrong.push(...faults.map((fault) => `${file} ${sort} (${codes}): ${fault}`));
    }
    if (IS_FULL) {
      const lines = [...tally].sort((a, b) => b[1] - a[1]).map(([codes, count]) => `${count} x ${codes}`);
      process.stdout.write(`${arrangement}: ${chosen.length} cases\n${lines.join('\n')}\n`);
    }
    expect(wrong).toEqual([]);
  });
});
