import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backupOutcome, verifyOutcome } from '../../../src/jobs/outcome.ts';
import { verify } from '../../../src/jobs/verify/verify.ts';
import { exitCodeOf, FlowkeepError, messageOf } from '../../../src/lib/errors.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import type { Store } from '../../../src/store/store.ts';
import { takeBackup } from '../../support/backup.ts';
import { seededNumber } from '../../support/faults/seeded.ts';
import { testTools } from '../../support/tools.ts';
import { plainFiles } from './git-plain.ts';
import type { GitDamageWorld } from './git-world.ts';

export const SORTS = ['flipped', 'cut', 'emptied', 'zeroed', 'removed'] as const;
export type Sort = (typeof SORTS)[number];

/** Does to a file what a bad disk or a power cut does. */
function damage(file: string, sort: Sort): void {
  chmodSync(file, 0o644);
  const bytes = readFileSync(file);
  const at = Math.floor(seededNumber(file.split('/').slice(-2).join('/'), sort) * bytes.length);
  if (sort === 'removed') rmSync(file);
  else if (sort === 'emptied') truncateSync(file);
  else if (sort === 'zeroed') writeFileSync(file, Buffer.alloc(bytes.length));
  else if (sort === 'cut') writeFileSync(file, bytes.subarray(0, at));
  else writeFileSync(file, bytes.with(at, (bytes[at] ?? 0) ^ 4));
}

/** How something ended, and what it said. */
interface Ending {
  readonly code: number;
  readonly said: string;
  /** An error that a user can read, with something to do about it; true where there was none. */
  readonly isPlain: boolean;
}

/** What is wrong with how flowkeep took one damage; empty where all is well. */
export interface CaseResult {
  readonly faults: readonly string[];
  /** Exit codes in order, such as `verify 5, backup 0, backup 0, verify 0`. */
  readonly codes: string;
}

/** Damages one file of a copy, then does what people and schedules do. */
export async function runCase(world: GitDamageWorld, file: string, sort: Sort): Promise<CaseResult> {
  const folder = world.copy();
  try {
    damage(join(world.damagedFolder(folder), file), sort);
    return await live(world, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function live(world: GitDamageWorld, folder: string): Promise<CaseResult> {
  const said: string[] = [];
  const log = (fields: object, message: string): void => void said.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: () => undefined, info: () => undefined, warn: log, error: log };
  const faults: string[] = [];
  const endings: string[] = [];
  const step = async (name: string, work: (store: Store) => Promise<Ending>): Promise<Ending> => {
    const ending = await work(world.open(folder, logger));
    endings.push(`${name} ${ending.code}`);
    if (!ending.isPlain) faults.push(`${name}: no plain error: ${ending.said.slice(0, 300)}`);
    if (ending.code === 1 || ending.code === 2)
      faults.push(`${name} ended with ${ending.code}: ${ending.said.slice(0, 300)}`);
    return ending;
  };
  const first = await step('verify', (store) => verifyAll(world, folder, store, said, faults));
  const listed = await step('snapshots', (store) => attempt(() => store.list('prod')));
  await step('restore', (store) => attempt(() => readLatest(store)));
  await step('backup', (store) => backUp(world, store, said));
  const second = await step('backup', (store) => backUp(world, store, said));
  const last = await step('verify', (store) => verifyAll(world, folder, store, said, faults));
  if (second.code !== 0 && second.code !== 3)
    faults.push(`the second backup ended with ${second.code}: ${second.said.slice(0, 300)}`);
  if (first.code === 0 && listed.code !== 0) faults.push('verify called a store intact that cannot be listed');
  if (last.code === 0) checkTip(world, folder, faults);
  return { faults, codes: endings.join(', ') };
}

async function verifyAll(
  world: GitDamageWorld,
  folder: string,
  store: Store,
  said: readonly string[],
  faults: string[],
): Promise<Ending> {
  const before = said.length;
  let checked: readonly string[] = [];
  const ending = await attempt(async () => {
    const report = await verify({
      ...testTools(),
      ...{ instance: 'prod', stores: [store], selector: { all: true }, share: 1 },
    });
    const [only] = report.stores;
    checked = only && 'snapshots' in only ? only.snapshots : [];
    return verifyOutcome(report).exitCode;
  });
  if (ending.code !== 0) return ending;
  // Intact: then plain git must find every snapshot that verify names as it was saved.
  const plain = plainFilesOf(world, folder, faults);
  for (const id of plain ? checked : []) {
    const expected = world.expected.get(id);
    if (expected && !isSame(expected, plain?.get(id)))
      faults.push(`verify called ${id} intact, and plain git does not`);
  }
  const gone = [...world.expected.keys()].filter((id) => !checked.includes(id));
  if (gone.length > 0 && before === 0 && said.length === 0) faults.push(`${gone.join(', ')} vanished without a word`);
  return ending;
}

/** What plain git reads. Settings of people that flowkeep has no use for are not judged. */
function plainFilesOf(
  world: GitDamageWorld,
  folder: string,
  faults: string[],
): ReadonlyMap<string, ReadonlyMap<string, string>> | null {
  const gitDir = world.snapshotsFolder(folder);
  const config = join(gitDir, 'config');
  const damaged = existsSync(config) ? readFileSync(config) : null;
  copyFileSync(join(world.snapshotsFolder(join(world.root, 'base')), 'config'), config);
  try {
    return plainFiles(gitDir);
  } catch (error) {
    faults.push(`verify called intact what plain git cannot read: ${messageOf(error).slice(0, 300)}`);
    return null;
  } finally {
    if (damaged) writeFileSync(config, damaged);
    else rmSync(config);
  }
}

/** What plain git finds at the tip must be what n8n has, and every older snapshot as it was. */
function checkTip(world: GitDamageWorld, folder: string, faults: string[]): void {
  const plain = plainFilesOf(world, folder, faults);
  if (!plain) return;
  const workflows = (id: string): string[] =>
    [...(plain.get(id) ?? new Map<string, string>())].flatMap(([path, hash]) =>
      path.includes('/workflows/') ? [`${path} ${hash}`] : [],
    );
  const [newest = ''] = [...plain.keys()];
  const [last = ''] = [...world.expected.keys()];
  const wanted = [...(world.expected.get(last) ?? [])].flatMap(([path, hash]) =>
    path.includes('/workflows/') ? [`${path} ${hash}`] : [],
  );
  if (workflows(newest).join('\n') !== wanted.join('\n')) faults.push('the newest snapshot is not what n8n has');
}

function isSame(expected: ReadonlyMap<string, string>, found: ReadonlyMap<string, string> | undefined): boolean {
  return found?.size === expected.size && [...expected].every(([path, hash]) => found.get(path) === hash);
}

async function backUp(world: GitDamageWorld, store: Store, said: string[]): Promise<Ending> {
  return attempt(async () => {
    const report = await takeBackup(world.n8n, { store, kinds: ['workflows'] });
    for (const outcome of report.stores) if (outcome.status === 'saved') said.push(...outcome.warnings);
    const [failed] = report.stores.filter((each) => each.status === 'failed');
    if (failed?.status === 'failed') throw failed.error;
    return backupOutcome(report).exitCode;
  });
}

async function readLatest(store: Store): Promise<void> {
  const snapshot = await store.latest('prod');
  if (!snapshot) return;
  for await (const [path] of snapshot.readMany(snapshot.files.keys())) if (path === '') return;
}

async function attempt(work: () => Promise<unknown>): Promise<Ending> {
  try {
    const code = await work();
    return { code: typeof code === 'number' ? code : 0, said: '', isPlain: true };
  } catch (error) {
    const isPlain = error instanceof FlowkeepError && error.remedy !== undefined;
    return { code: exitCodeOf(error), said: messageOf(error), isPlain };
  }
}
