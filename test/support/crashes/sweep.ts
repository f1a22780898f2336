import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashPoint } from './points.ts';
import type { World, WorldMaker } from './world.ts';

/** What came of a sweep, for the table. */
export interface Tally {
  readonly operation: string;
  readonly store: string;
  /** Places at which it was killed. */
  readonly points: number;
  /** At how many of these something really died: a run that took another way may end before its point. */
  readonly faults: number;
  /** One line for each wrong result. */
  readonly wrong: readonly string[];
}

/** Looks at one point in a world of its own. @returns whether the fault happened, and what is wrong afterwards */
export type TryPoint = (world: World, point: CrashPoint) => Promise<{ hit: boolean; wrong: readonly string[] }>;

/** A run that waits for a lock leaves the processors to others. */
const AT_A_TIME = 4;

/** Goes through the points, each in a copy of a world, and gathers what went wrong. */
export async function sweep(
  operation: string,
  { maker, like, folder }: { readonly maker: WorldMaker; readonly like: World; readonly folder: string },
  points: readonly CrashPoint[],
  tryPoint: TryPoint,
): Promise<Tally> {
  const wrong: string[] = [];
  let faults = 0;
  const left = [...points.entries()].reverse();
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [index, point] = next;
      const at = join(folder, `point-${index}`);
      mkdirSync(at);
      await using world = await maker.make(at, like);
      const result = await tryPoint(world, point);
      if (result.hit) faults += 1;
      wrong.push(...result.wrong.map((what) => `${point.label}: ${what}`));
      if (result.wrong.length === 0) rmSync(at, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return { operation, store: maker.name, points: points.length, faults, wrong };
}
