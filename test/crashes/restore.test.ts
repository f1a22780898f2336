import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentOf, startTarget } from '../support/crashes/target.ts';
import {
  leftForGood,
  missingOf,
  mustRun,
  mustVerify,
  readSnapshots,
  sameFiles,
  unclear,
  wasHit,
  type Kept,
} from '../support/crashes/look.ts';
import { choose, findPoints, type CrashPoint } from '../support/crashes/points.ts';
import { S3World } from '../support/crashes/s3-world.ts';
import { sweep } from '../support/crashes/sweep.ts';
import { prepareScene, prepareWorlds } from '../support/crashes/scene.ts';
import { report } from '../support/crashes/table.ts';
import { runIn, type RunOptions, type World } from '../support/crashes/world.ts';
import type { StandIn } from '../support/stand-in/start.ts';

const RESTORE = ['restore', '--instance', 'prod', '--to', 'copy', '--yes'];

const { folder, edition, at } = prepareScene(1);

describe.each([
  ['local git', 24],
  ['git with a remote', 16],
  ['S3', 36],
] as const)('%s', (name, most) => {
  const home = join(folder, name.replaceAll(/\W+/g, '-'));
  const worlds = prepareWorlds(name, home);

  it('a restore that is killed, run again, ends as one that was not', async () => {
    await using like = await worlds().make(join(home, 'like'));
    expect(await mustRun(like, ['backup'], at(1))).toEqual([]);
    const before = await readSnapshots(like);

    await using whole = await worlds().make(join(home, 'whole'), like);
    await using target = await startTarget();
    const points = await findPoints(whole.folder, (plan) => runIn(whole, RESTORE, { ...into(target), plan }));
    const wanted = await contentOf(target);

    const places = { maker: worlds(), like, folder: join(home, 'points') };
    mkdirSync(places.folder);
    const tally = await sweep('restore', places, choose(points, most), (world, point) =>
      crashAndLook(world, point, before, wanted),
    );
    report(tally);
    expect(tally.wrong).toEqual([]);
  });
});

function into(copy: StandIn): RunOptions {
  return { instances: { prod: edition(1), copy }, env: S3World.env };
}

/** Kills one restore; looks at the store; restores again, and compares the target with what it should be. */
async function crashAndLook(
  world: World,
  point: CrashPoint,
  before: readonly Kept[],
  wanted: ReadonlyMap<string, string>,
) {
  await using target = await startTarget();
  const options = into(target);
  const crashed = await runIn(world, RESTORE, { ...options, plan: point.plan });
  const wrong = unclear(crashed);
  wrong.push(...(await mustVerify(world, options)));
  wrong.push(...missingOf(before, await readSnapshots(world)));
  wrong.push(...(await mustRun(world, RESTORE, options)));
  const found = await contentOf(target);
  if (!sameFiles(found, wanted)) wrong.push(`the target differs: ${difference(wanted, found)}`);
  wrong.push(...(await leftForGood(world, () => clearUp(world, options))));
  return { hit: wasHit(point, crashed), wrong };
}

/** A backup of the target, which has changed, and for S3 the prune that removes what was uploaded for nothing. */
async function clearUp(world: World, options: RunOptions): Promise<string[]> {
  const wrong = await mustRun(world, ['backup'], options);
  return world instanceof S3World ? [...wrong, ...(await mustRun(world, ['prune'], options))] : wrong;
}

function difference(wanted: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): string {
  const paths = new Set([...wanted.keys(), ...found.keys()]);
  return [...paths]
    .filter((path) => wanted.get(path) !== found.get(path))
    .slice(0, 5)
    .join(', ');
}
