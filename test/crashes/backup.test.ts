import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  leftForGood,
  missingOf,
  mustRun,
  mustVerify,
  readSnapshots,
  sameFiles,
  unclear,
  wasHit,
} from '../support/crashes/look.ts';
import type { Kept } from '../support/crashes/look.ts';
import { choose, findPoints, type CrashPoint } from '../support/crashes/points.ts';
import { sweep } from '../support/crashes/sweep.ts';
import { prepareScene, prepareWorlds } from '../support/crashes/scene.ts';
import { report } from '../support/crashes/table.ts';
import { runIn, type World } from '../support/crashes/world.ts';

const BACKUP = ['backup'];

const { folder, at } = prepareScene(3);

describe.each([
  ['local git', 40, 20],
  ['git with a remote', 30, 16],
  ['git, remote only', 20, 8],
  ['S3', 30, 10],
] as const)('%s', (name, most, mostAtFirst) => {
  const home = join(folder, name.replaceAll(/\W+/g, '-'));
  const worlds = prepareWorlds(name, home);

  it('a backup that is killed', async () => {
    await using like = await worlds().make(join(home, 'like'));
    expect(await mustRun(like, BACKUP, at(1))).toEqual([]);
    await sweepBackup(like, most, 'backup');
  });

  it('the first backup of all', async () => {
    await using like = await worlds().make(join(home, 'empty'));
    await sweepBackup(like, mostAtFirst, 'first backup');
  });

  /** Kills backups of the second edition in copies of a world. */
  async function sweepBackup(like: World, most: number, operation: string): Promise<void> {
    const before = await readSnapshots(like);
    await using whole = await worlds().make(join(home, `${operation} whole`), like);
    const points = await findPoints(whole.folder, (plan) => runIn(whole, BACKUP, { ...at(2), plan }));
    const [wanted] = await readSnapshots(whole);
    expect(wanted).toBeDefined();
    const places = { maker: worlds(), like, folder: join(home, operation) };
    mkdirSync(places.folder);
    const tally = await sweep(operation, places, choose(points, most), (world, point) =>
      crashAndLook(world, point, before, wanted!),
    );
    report(tally);
    expect(tally.wrong).toEqual([]);
  }
});

/** Kills one backup; looks at the store; lets the next ones run, and looks again. */
async function crashAndLook(world: World, point: CrashPoint, before: readonly Kept[], wanted: Kept) {
  const crashed = await runIn(world, BACKUP, { ...at(2), plan: point.plan });
  const wrong = unclear(crashed);
  wrong.push(...(await mustVerify(world, at(2))));
  wrong.push(...saved(await readSnapshots(world), before, wanted, before.length));
  wrong.push(...(await mustRun(world, BACKUP, at(2))));
  wrong.push(...saved(await readSnapshots(world), before, wanted, before.length + 1));
  wrong.push(...(await leftForGood(world, () => mustRun(world, BACKUP, at(3)))));
  return { hit: wasHit(point, crashed), wrong };
}

/** What is wrong with a store that holds what it held before, and perhaps one snapshot more. */
function saved(found: readonly Kept[], before: readonly Kept[], wanted: Kept, atLeast: number): string[] {
  const more = found.filter(({ info }) => !before.some((each) => each.info.id === info.id));
  const wrong = missingOf(before, found);
  if (found.length < atLeast || more.length > 1) wrong.push(`${found.length} snapshots are listed`);
  if (more.some(({ files }) => !sameFiles(files, wanted.files))) wrong.push('the new snapshot has other files');
  return wrong;
}
