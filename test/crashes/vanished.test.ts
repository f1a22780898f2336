import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gitWorlds } from '../support/crashes/git-world.ts';
import {
  leftForGood,
  missingOf,
  mustRun,
  mustVerify,
  readSnapshots,
  unclear,
  type Kept,
} from '../support/crashes/look.ts';
import type { S3World } from '../support/crashes/s3-world.ts';
import { s3Worlds } from '../support/crashes/s3-world.ts';
import { prepareScene } from '../support/crashes/scene.ts';
import { report } from '../support/crashes/table.ts';
import { runIn, type World } from '../support/crashes/world.ts';
import type { FlowkeepRun } from '../support/flowkeep.ts';

/** Each failed request is tried several times, with pauses: every third is enough. */
const STEP = 3;

const { folder, at } = prepareScene(3);

it.each(['git with a remote', 'git, remote only'] as const)(
  '%s: the server that goes away at a request is reported, and its return is enough',
  async (name) => {
    const home = join(folder, name.replaceAll(/\W+/g, '-'));
    mkdirSync(join(home, 'server'), { recursive: true });
    await using maker = await gitWorlds(name, join(home, 'server'));
    const { server } = maker;
    await using like = await maker.make(join(home, 'like'));
    expect(await mustRun(like, ['backup'], at(1))).toEqual([]);
    const before = await readSnapshots(like);
    await using whole = await maker.make(join(home, 'whole'), like);
    server.requests.length = 0;
    expect(await mustRun(whole, ['backup'], at(2))).toEqual([]);

    const total = server.requests.length;
    const wrong: string[] = [];
    let faults = 0;
    let points = 0;
    for (let request = 1; request <= total; request += STEP) {
      points += 1;
      await using world = await maker.make(join(home, `at-${request}`), like);
      let seen = 0;
      server.beforeRequest = async ({ socket }) => {
        seen += 1;
        if (seen < request) return;
        socket.destroy();
        await new Promise(() => undefined);
      };
      const run = await runIn(world, ['backup'], at(2));
      server.beforeRequest = null;
      if (run.code !== 0) faults += 1;
      wrong.push(...(await lookAt(world, run, before)).map((what) => `request ${request}: ${what}`));
    }
    report({ operation: 'vanished remote', store: name, points, faults, wrong });
    expect(faults).toBeGreaterThan(points / 2);
    expect(wrong).toEqual([]);
  },
);

it('S3: the server that goes away at a request is reported, and its return is enough', async () => {
  await using maker = s3Worlds();
  const home = join(folder, 's3');
  await using like = (await maker.make(join(home, 'like'))) as S3World;
  expect(await mustRun(like, ['backup'], at(1))).toEqual([]);
  const before = await readSnapshots(like);
  await using whole = (await maker.make(join(home, 'whole'), like)) as S3World;
  expect(await mustRun(whole, ['backup'], at(2))).toEqual([]);

  const total = whole.server.calls.length;
  const wrong: string[] = [];
  let faults = 0;
  let points = 0;
  for (let request = 1; request <= total; request += STEP) {
    points += 1;
    await using world = (await maker.make(join(home, `at-${request}`), like)) as S3World;
    let seen = 0;
    world.server.fault = () => (++seen >= request ? { reset: true } : null);
    const run = await runIn(world, ['backup'], at(2));
    world.server.fault = () => null;
    if (run.code !== 0) faults += 1;
    wrong.push(...(await lookAt(world, run, before)).map((what) => `request ${request}: ${what}`));
  }
  report({ operation: 'vanished remote', store: 'S3', points, faults, wrong });
  expect(faults).toBeGreaterThan(points / 2);
  expect(wrong).toEqual([]);
});

/** What is wrong with a run that lost its server, with the store behind it, and with the run after. */
async function lookAt(world: World, run: FlowkeepRun, before: readonly Kept[]): Promise<string[]> {
  const wrong = unclear(run);
  // 3: saved in the folder, and the push is owed.
  const isOwed = run.code === 3 && run.stdout.includes('is owed');
  if (run.code !== 0 && run.code !== 1 && !isOwed) wrong.push(`ended with ${run.code}`);
  if (run.code !== 0 && !/cannot be reached|connection broke|unreachable/i.test(run.stdout + run.stderr))
    wrong.push(`does not say why: ${run.stdout}${run.stderr}`);
  wrong.push(...(await mustVerify(world, at(2))));
  wrong.push(...missingOf(before, await readSnapshots(world)));
  wrong.push(...(await mustRun(world, ['backup'], at(2))));
  const found = await readSnapshots(world);
  wrong.push(...missingOf(before, found));
  if (found.length !== before.length + 1) wrong.push(`${found.length} snapshots are listed`);
  return [...wrong, ...(await leftForGood(world, () => mustRun(world, ['backup'], at(3))))];
}
