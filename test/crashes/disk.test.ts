import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { GitWorld } from '../support/crashes/git-world.ts';
import {
  leftForGood,
  missingOf,
  mustRun,
  mustVerify,
  readSnapshots,
  unclear,
  type Kept,
} from '../support/crashes/look.ts';
import { fillDisk, mountReadOnly, mountSmallDisk, type Mount } from '../support/crashes/mounts.ts';
import { prepareScene } from '../support/crashes/scene.ts';
import { report } from '../support/crashes/table.ts';
import { runIn } from '../support/crashes/world.ts';
import type { FlowkeepRun } from '../support/flowkeep.ts';

/** So full that nothing can be written, and up to what a backup needs: git's writes fail at one place after another. */
const KILOBYTES_LEFT = [0, 4, 12, 24, 40, 64, 96, 128];

const { folder, at } = prepareScene(3);

let world: GitWorld;
let before: readonly Kept[];
let count = 0;

/** A repository with one snapshot, in a folder that can be mounted. */
beforeEach(async () => {
  const at = join(folder, `world-${++count}`);
  mkdirSync(at);
  world = new GitWorld(at, { path: join(at, 'disk', 'repository'), remote: null });
  mkdirSync(join(at, 'disk'));
});

describe('a full disk', () => {
  it('a full disk of the repository: a clear error, nothing lost, and room makes it work again', async () => {
    using disk = mountSmallDisk(join(world.folder, 'disk'), 4);
    await takeFirst();
    const wrong: string[] = [];
    let failed = 0;
    for (const kilobytes of KILOBYTES_LEFT) {
      const run = await backupOnFullDisk(disk, kilobytes);
      if (run.code === 0) continue;
      failed += 1;
      wrong.push(...lookAt(run, /disk is full/i, kilobytes), ...(await intact()));
    }
    wrong.push(...(await worksAgain()));
    report({
      operation: 'full disk',
      store: 'local git',
      points: KILOBYTES_LEFT.length,
      faults: failed,
      wrong,
    });
    expect(failed).toBeGreaterThan(2);
    expect(wrong).toEqual([]);
  });

  it('a full disk of the temporary files: a clear error, and room makes it work again', async () => {
    await takeFirst();
    using disk = mountSmallDisk(join(world.folder, 'tmp'), 1);
    using filler = fillDisk(disk, 0);
    const run = await backup(2);
    const wrong = [...lookAt(run, /cannot (create|write to) (a|the) temporary file/, 0), ...(await intact())];
    filler[Symbol.dispose]();
    wrong.push(...(await worksAgain()));
    report({ operation: 'full TMPDIR', store: 'local git', points: 1, faults: 1, wrong });
    expect(wrong).toEqual([]);
  });
});

it.each([
  ['disk', /may not write/],
  ['tmp', /cannot create a temporary file/],
])('a read-only folder (%s): a clear error, and once it is writable the next run works', async (name, says) => {
  await takeFirst();
  const mount = mountReadOnly(join(world.folder, name));
  let wrong: string[];
  try {
    wrong = [...lookAt(await backup(2), says, 0), ...(await intact())];
  } finally {
    mount[Symbol.dispose]();
  }
  wrong.push(...(await worksAgain()));
  report({
    operation: `read-only ${name === 'tmp' ? 'TMPDIR' : 'repository'}`,
    store: 'local git',
    points: 1,
    faults: 1,
    wrong,
  });
  expect(wrong).toEqual([]);
});

function backup(edition: number): Promise<FlowkeepRun> {
  return runIn(world, ['backup'], at(edition));
}

async function takeFirst(): Promise<void> {
  expect(await mustRun(world, ['backup'], at(1))).toEqual([]);
  before = await readSnapshots(world);
}

async function backupOnFullDisk(disk: Mount, kilobytes: number): Promise<FlowkeepRun> {
  using _filler = fillDisk(disk, kilobytes);
  return await backup(2);
}

function lookAt(run: FlowkeepRun, says: RegExp, kilobytes: number): string[] {
  const wrong = unclear(run);
  if (run.code !== 1) wrong.push(`ended with ${run.code}`);
  if (!says.test(run.stdout + run.stderr)) wrong.push(`does not say why: ${run.stdout}${run.stderr}`);
  return wrong.map((what) => `${kilobytes} kB left: ${what}`);
}

/** Still mounted read-only or full: reading must do. */
async function intact(): Promise<string[]> {
  const wrong = await mustVerify(world, at(2));
  const found = await readSnapshots(world);
  if (found.length !== before.length) wrong.push(`${found.length} snapshots are listed`);
  return [...wrong, ...missingOf(before, found)];
}

async function worksAgain(): Promise<string[]> {
  const wrong = await mustRun(world, ['backup'], at(2));
  const found = await readSnapshots(world);
  wrong.push(...missingOf(before, found), ...(await leftForGood(world, () => mustRun(world, ['backup'], at(3)))));
  if (found.length !== before.length + 1) wrong.push(`${found.length} snapshots are listed`);
  return wrong;
}
