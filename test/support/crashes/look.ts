import type { SnapshotInfo, Store } from '../../../src/store/store.ts';
import type { FlowkeepRun } from '../flowkeep.ts';
import { ageTemporaryFiles, runIn, temporaryFiles, type RunOptions, type World } from './world.ts';

/** A snapshot with all of its files, by path. */
export interface Kept {
  readonly info: SnapshotInfo;
  readonly files: ReadonlyMap<string, string>;
}

/** Every snapshot of a world's store, newest first, each read whole. */
export async function readSnapshots(world: World): Promise<Kept[]> {
  await using store = world.open();
  const kept: Kept[] = [];
  for (const info of await store.list()) kept.push({ info, files: await readFiles(store, info) });
  return kept;
}

async function readFiles(store: Store, { instance, id }: SnapshotInfo): Promise<Map<string, string>> {
  const snapshot = await store.open(instance, id);
  const files = new Map<string, string>();
  for await (const [path, bytes] of snapshot.readMany(snapshot.files.keys()))
    files.set(path, Buffer.from(bytes).toString('base64'));
  return files;
}

/** What is wrong with snapshots that must still be there: lost, or other bytes. */
export function missingOf(wanted: readonly Kept[], found: readonly Kept[]): string[] {
  return wanted.flatMap(({ info, files }) => {
    const now = found.find((each) => each.info.id === info.id && each.info.instance === info.instance);
    if (!now) return [`snapshot ${info.id} of ${info.instance} is gone`];
    return sameFiles(files, now.files) ? [] : [`snapshot ${info.id} of ${info.instance} has other files`];
  });
}

export function sameFiles(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([path, content]) => other.get(path) === content);
}

/** Whether what was to die did, or its flowkeep had to go on without it. */
export function wasHit({ plan }: { readonly plan: { readonly victims?: string } }, run: FlowkeepRun): boolean {
  return run.signal === 'SIGKILL' || plan.victims === 'git';
}

/** A run that lost its git must end as other failed runs do: with an error and what to do. */
export function unclear(run: FlowkeepRun): string[] {
  if (run.signal === 'SIGKILL' || run.code === 0) return [];
  const isClear = run.code !== null && (run.stdout + run.stderr).includes('→ ');
  const hasStack = /\n\s+at .*\.ts:\d+/.test(run.stderr);
  return isClear && !hasStack ? [] : [`code ${run.code} without a clear error: ${excerpt(run)}`];
}

/** Runs flowkeep, which must succeed. @returns what is wrong with it */
export async function mustRun(world: World, args: readonly string[], options: RunOptions): Promise<string[]> {
  const run = await runIn(world, args, options);
  return run.code === 0 ? [] : [`${args.join(' ')} ended with ${run.code}: ${excerpt(run)}`];
}

/**
 * What `verify --all` finds wrong, instance by instance. Of one that has no snapshot yet it says that nothing was
 * verified, with exit code 5: that is right where the store, a remote's too, holds none.
 */
export async function mustVerify(world: World, options: RunOptions): Promise<string[]> {
  const stored = new Set((await readSnapshots(world)).map(({ info }) => info.instance));
  const wrong: string[] = [];
  for (const instance of Object.keys(options.instances)) {
    const run = await runIn(world, ['verify', '--all', '--instance', instance], options);
    const hasNothing = run.code === 5 && run.stdout.includes('nothing was verified') && !stored.has(instance);
    if (run.code !== 0 && !hasNothing) wrong.push(`verify of ${instance} ended with ${run.code}: ${excerpt(run)}`);
  }
  return wrong;
}

/**
 * What is left behind for good. What a crash left may stay for a while, until it is sure that nobody needs it: then a
 * later run has to clear it away.
 */
export async function leftForGood(world: World, laterRun: () => Promise<string[]>): Promise<string[]> {
  if ((await leftovers(world)).length === 0) return [];
  await world.passTime();
  ageTemporaryFiles(world);
  return [...(await laterRun()), ...(await leftovers(world))];
}

/** Everything that a finished run must not leave: in the store, in the folder for temporary files. */
async function leftovers(world: World): Promise<string[]> {
  const found = [...(await world.leftovers()), ...temporaryFiles(world), ...(await openDocuments(world))];
  return found.length === 0 ? [] : [`left behind: ${found.slice(0, 8).join(', ')}`];
}

/** Locks and journals of restores. */
async function openDocuments(world: World): Promise<string[]> {
  await using store = world.open();
  const names = ['prod', 'copy'].flatMap((name) => [`${name}/lease.json`, `${name}/restore-journal.json`]);
  const found: string[] = [];
  for (const name of names) if (await store.readDocument(name)) found.push(name);
  return found;
}

export function excerpt({ stderr, stdout }: FlowkeepRun): string {
  return `${stderr.trim().slice(-600)} ${stdout.trim().slice(-300)}`;
}
