import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  leftForGood,
  missingOf,
  mustRun,
  mustVerify,
  readSnapshots,
  wasHit,
  type Kept,
} from '../support/crashes/look.ts';
import { choose, findPoints, type CrashPoint } from '../support/crashes/points.ts';
import type { S3World } from '../support/crashes/s3-world.ts';
import { s3Worlds } from '../support/crashes/s3-world.ts';
import { sweep } from '../support/crashes/sweep.ts';
import { prepareScene } from '../support/crashes/scene.ts';
import { report } from '../support/crashes/table.ts';
import { runIn, type World } from '../support/crashes/world.ts';

const POINTS = 30;
const PRUNE = ['prune'];

const { folder, at } = prepareScene(5);

/** git keeps its snapshots as history: only S3 is pruned. */
it('a prune of S3 that is killed leaves what is kept whole, and the next one ends it', async () => {
  const maker = s3Worlds({ keepLast: 2 });
  await using like = await maker.make(join(folder, 'like'));
  await fill(like);
  const kept = (await readSnapshots(like)).slice(0, 2);
  expect(kept).toHaveLength(2);

  await using whole = await maker.make(join(folder, 'whole'), like);
  const points = await findPoints(whole.folder, (plan) => runIn(whole, PRUNE, { ...at(5), plan }));
  const places = { maker, like, folder: join(folder, 'points') };
  mkdirSync(places.folder);
  const tally = await sweep('prune', places, choose(points, POINTS), (world, point) =>
    crashAndLook(world, point, kept),
  );
  report(tally);
  expect(tally.wrong).toEqual([]);
});

/**
 * Five snapshots, two of which are removed already, so that a prune has manifests, their copies and objects to
 * remove.
 */
async function fill(world: S3World | World): Promise<void> {
  for (const edition of [1, 2, 3, 4]) expect(await mustRun(world, ['backup'], at(edition))).toEqual([]);
  expect(await mustRun(world, PRUNE, at(4))).toEqual([]);
  await world.passTime();
  expect(await mustRun(world, ['backup'], at(5))).toEqual([]);
}

async function crashAndLook(world: World, point: CrashPoint, kept: readonly Kept[]) {
  const crashed = await runIn(world, PRUNE, { ...at(5), plan: point.plan });
  const wrong = await mustVerify(world, at(5));
  wrong.push(...missingOf(kept, await readSnapshots(world)));
  wrong.push(...(await mustRun(world, PRUNE, at(5))));
  wrong.push(...(await leftForGood(world, () => mustRun(world, PRUNE, at(5)))));
  const found = await readSnapshots(world);
  wrong.push(...missingOf(kept, found));
  if (found.length !== kept.length) wrong.push(`${found.length} snapshots are listed`);
  return { hit: wasHit(point, crashed), wrong };
}
