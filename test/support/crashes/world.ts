import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Store } from '../../../src/store/store.ts';
import { flowkeep, type FlowkeepRun } from '../flowkeep.ts';
import type { StandIn } from '../stand-in/start.ts';
import type { CrashPlan } from './plan.ts';

const PRELOAD = fileURLToPath(new URL('./preload.ts', import.meta.url));

/** One store with all that a flowkeep process sees of its machine: a folder of its own, with its home and TMPDIR. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  /** The store's part of the config file. */
  readonly config: object;
  /** The store as another process sees it. */
  open(): Store;
  /** What a finished run must not leave in the store: locks, half files. One line each. */
  leftovers(): Promise<string[]>;
  /** Makes everything that is there now a few days old, as if the next run came then. */
  passTime(): Promise<void>;
}

/** Makes worlds of one kind of store. */
export interface WorldMaker extends AsyncDisposable {
  /** For the table: `local git`. */
  readonly name: string;
  /** A world that is empty, or a copy of another one. */
  make(folder: string, like?: World): Promise<World>;
}

export interface RunOptions {
  readonly plan?: CrashPlan;
  /** Instances by name. */
  readonly instances: Readonly<Record<string, StandIn>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs flowkeep in a world, and lets it crash as the plan has it. */
export async function runIn(
  world: World,
  args: readonly string[],
  { plan, instances, env = {} }: RunOptions,
): Promise<FlowkeepRun> {
  const { folder } = world;
  for (const name of ['home', 'tmp']) mkdirSync(join(folder, name), { recursive: true });
  const entries = Object.entries(instances).map(([name, { url }]) => {
    const rateLimit = { requestsPerSecond: 1000 };
    return [name, { url, apiKey: { env: `KEY_OF_${name}` }, stores: ['store'], rateLimit }];
  });
  const keys = Object.entries(instances).map(([name, { apiKey }]) => [`KEY_OF_${name}`, apiKey]);
  const config = { instances: Object.fromEntries(entries) as object, stores: { store: world.config } };
  // JSON is YAML.
  writeFileSync(join(folder, 'flowkeep.yaml'), JSON.stringify(config), { mode: 0o600 });
  return flowkeep(['--config', join(folder, 'flowkeep.yaml'), ...args], {
    cwd: folder,
    env: {
      HOME: join(folder, 'home'),
      TMPDIR: join(folder, 'tmp'),
      // Each point starts flowkeep several times: compiled code is kept between them.
      NODE_COMPILE_CACHE: join(folder, '..', 'compiled'),
      ...(Object.fromEntries(keys) as Record<string, string>),
      ...(plan ? { CRASH_PLAN: JSON.stringify(plan) } : {}),
      ...env,
    },
    nodeArgs: plan ? ['--import', PRELOAD] : [],
  });
}

/** Makes temporary files as old as `World.passTime` makes the store. */
export function ageTemporaryFiles(world: World): void {
  const then = new Date(Date.now() - 3 * 86_400_000);
  for (const path of temporaryFiles(world)) utimesSync(join(world.folder, path), then, then);
}

/** What is left in the folder for temporary files. */
export function temporaryFiles({ folder }: World): string[] {
  return readdirSync(join(folder, 'tmp')).map((name) => `tmp/${name}`);
}
