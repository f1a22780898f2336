import { FlowkeepError, messageOf } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import type { Logger } from '../lib/logger.ts';
import type { Progress } from '../lib/progress.ts';
import type { Clock } from '../lib/time.ts';
import type { ClientStats, N8nClient } from '../n8n/types.ts';
import type { Kind } from '../resources/kinds.ts';
import { findChanges, findShrunk, type ItemChange } from '../snapshot/changes.ts';
import { collect } from '../snapshot/collect/collect.ts';
import type { Collected } from '../snapshot/collect/collect.ts';
import { isUnchanged } from '../snapshot/compare-headers.ts';
import { HEADER_PATH } from '../snapshot/paths.ts';
import { writeHeader, type SnapshotHeader } from '../snapshot/header.ts';
import { isoSeconds, snapshotId } from '../snapshot/snapshot-id.ts';
import { writeBody, writeSubject } from '../snapshot/subject.ts';
import type { DraftFile, SnapshotDraft, SnapshotFlag, SnapshotInfo, Store } from '../store/store.ts';
import { heal, type Healing } from './heal.ts';
import type { Lease } from './lease.ts';
import { openTarget, type Target } from './open-target.ts';

export type { KindHeader, SnapshotHeader } from '../snapshot/header.ts';

export interface BackupOptions {
  readonly instance: string;
  readonly kinds: readonly Kind[];
  readonly client: N8nClient;
  readonly stores: readonly Store[];
  /** An existing folder for temporary files. */
  readonly temporaryFolder: string;
  /** `safety` where it is taken before a restore or a pull: then it is saved although nothing changed. */
  readonly purpose?: 'backup' | 'safety';
  /**
   * Takes the instance's lock in a store, once it is known that something is to be saved there: an unchanged instance
   * costs no write. Without it nothing is locked: the caller holds the lock, or no other run can come between.
   */
  readonly lock?: (store: Store, signal: AbortSignal) => Promise<Lease>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What became of the snapshot in one store. */
export type StoreOutcome =
  | {
      readonly store: string;
      readonly location: string;
      readonly status: 'unchanged';
      readonly snapshot: SnapshotInfo;
      readonly healing: Healing;
    }
  | {
      readonly store: string;
      readonly location: string;
      readonly status: 'saved';
      readonly snapshot: SnapshotInfo;
      readonly changes: readonly ItemChange[];
      readonly filesWritten: number;
      readonly bytesWritten: number;
      readonly warnings: readonly string[];
      readonly healing: Healing;
    }
  | { readonly store: string; readonly location: string; readonly status: 'failed'; readonly error: unknown };

export interface BackupReport {
  readonly instance: string;
  readonly url: string;
  /** What was read, kind by kind. */
  readonly header: SnapshotHeader;
  readonly stores: readonly StoreOutcome[];
  /** Kinds that lost over half of their items. */
  readonly shrunk: readonly Kind[];
  readonly durationMs: number;
  readonly client: ClientStats;
}

/**
 * Takes one snapshot of an instance and saves it to each of its stores. A store that fails does not stop the others.
 * @throws N8nError where the instance does not answer; the first store's error where every store fails
 */
export async function backup(options: BackupOptions): Promise<BackupReport> {
  const started = options.clock.now();
  const targets = await Promise.all(
    options.stores.map((store) => openTarget(store, options.instance, options.signal)),
  );
  throwIfAllFailed(targets.map((target) => target.error));
  const base = newestBase(targets);
  using collected = await collect({ ...options, base });
  const stores: StoreOutcome[] = [];
  for (const target of targets) stores.push(await saveTo(options, target, collected, base, started));
  throwIfAllFailed(stores.map((outcome) => (outcome.status === 'failed' ? outcome.error : undefined)));
  return {
    instance: options.instance,
    url: options.client.url,
    header: collected.header,
    stores,
    shrunk: findShrunk(base?.header ?? null, collected.header),
    durationMs: options.clock.now() - started,
    client: options.client.stats,
  };
}

function throwIfAllFailed(errors: readonly unknown[]): void {
  const [first] = errors;
  if (first === undefined || errors.some((error) => error === undefined)) return;
  throw first instanceof Error ? first : new FlowkeepError('store', messageOf(first));
}

/** What unread details and kinds are taken from: the newest snapshot that any of the stores holds. */
function newestBase(targets: readonly Target[]): Target['latest'] {
  return targets.reduce<Target['latest']>((newest, { latest }) => {
    if (!latest) return newest;
    return newest && newest.files.info.takenAt >= latest.files.info.takenAt ? newest : latest;
  }, null);
}

async function saveTo(
  options: BackupOptions,
  target: Target,
  collected: Collected,
  base: Target['latest'],
  started: number,
): Promise<StoreOutcome> {
  const { store } = target;
  const where = { store: store.name, location: store.location };
  if (target.error !== undefined) return { ...where, status: 'failed', error: target.error };
  try {
    const known = await whereUnchanged(options, target, collected, started);
    if (known) return known;
    if (!options.lock) return await saveNow(options, target, collected, base, started);
    await using lease = await options.lock(store, options.signal);
    return await saveLocked({ ...options, signal: lease.signal }, target, collected, base, started);
  } catch (error) {
    if (options.signal.aborted || !(error instanceof FlowkeepError)) throw error;
    options.logger.error(
      { store: store.name, code: error.code },
      `the snapshot was not saved: ${messageOf(error)}`,
    );
    return { ...where, status: 'failed', error };
  } finally {
    options.progress.done();
  }
}

/** The outcome where the store holds this state already; null where it is to be saved. */
async function whereUnchanged(
  options: BackupOptions,
  { store, latest, damage }: Target,
  collected: Collected,
  started: number,
): Promise<StoreOutcome | null> {
  if (!latest || damage !== undefined || options.purpose === 'safety') return null;
  // A safety snapshot is never what `latest` names: the state that a restore leaves behind gets a snapshot of its own.
  if (latest.files.info.flags.includes('safety')) return null;
  const before = { header: latest.header, takenAt: latest.files.info.takenAt };
  if (!isUnchanged(before, collected.header, started)) return null;
  const healing = await heal(store, filesOf(collected), options.signal);
  const { name, location } = store;
  return { store: name, location, status: 'unchanged', snapshot: latest.files.info, healing };
}

/**
 * Looks at the store again, now that nobody else writes to it. Where another run saved in between, what was read may be
 * older than what is stored: then it is read once more, so that neither snapshot is lost, doubled or out of order.
 */
async function saveLocked(
  options: BackupOptions,
  target: Target,
  collected: Collected,
  base: Target['latest'],
  started: number,
): Promise<StoreOutcome> {
  const current = await openTarget(target.store, options.instance, options.signal);
  if (current.error !== undefined) throw current.error;
  if (current.latest?.files.info.id === target.latest?.files.info.id)
    return saveNow(options, target, collected, base, started);
  const known = await whereUnchanged(options, current, collected, started);
  if (known) return known;
  const startedAgain = options.clock.now();
  using again = await collect({ ...options, base: current.latest });
  return (
    (await whereUnchanged(options, current, again, startedAgain)) ??
    (await saveNow(options, current, again, current.latest, startedAgain))
  );
}

async function saveNow(
  options: BackupOptions,
  { store, latest, damage }: Target,
  collected: Collected,
  base: Target['latest'],
  started: number,
): Promise<StoreOutcome> {
  const healing = await heal(store, filesOf(collected), options.signal);
  const changes = await changesSince(latest, base, collected);
  const draft = makeDraft(options, collected, latest?.header ?? null, changes, started);
  options.progress.start(`Saving ${options.instance} to ${store.name}`);
  const { info, ...written } = await store.save(draft, options.signal);
  const warnings = damage === undefined ? written.warnings : [...new Set([damage, ...written.warnings])];
  const { name, location } = store;
  return { store: name, location, status: 'saved', snapshot: info, changes, ...written, warnings, healing };
}

/** The item changes since this store's latest snapshot, which need not be the one that the run was based on. */
async function changesSince(
  latest: Target['latest'],
  base: Target['latest'],
  collected: Collected,
): Promise<ItemChange[]> {
  const unchanged = latest === base ? collected.unchanged : await unchangedSince(latest, collected);
  return findChanges({
    before: latest && { paths: latest.files.files.keys(), header: latest.header },
    after: { paths: collected.files.keys(), unchanged, names: collected.names, header: collected.header },
  });
}

async function unchangedSince(latest: Target['latest'], collected: Collected): Promise<Set<string>> {
  const unchanged = new Set<string>();
  if (!latest) return unchanged;
  for (const [path, file] of collected.files) {
    if (latest.files.matches(path, await file.read())) unchanged.add(path);
  }
  return unchanged;
}

function makeDraft(
  options: BackupOptions,
  collected: Collected,
  before: SnapshotHeader | null,
  changes: readonly ItemChange[],
  started: number,
): SnapshotDraft {
  const header = writeHeader(collected.header);
  const takenAt = isoSeconds(started);
  return {
    info: {
      id: snapshotId(takenAt, header),
      instance: options.instance,
      takenAt,
      format: collected.header.format,
      n8nVersion: collected.header.n8nVersion,
      subject: writeSubject(before, collected.header, changes),
      flags: flagsOf(options, before, collected.header),
    },
    body: writeBody(before, collected.header, changes),
    files: filesOf(collected),
  };
}

/** Every file of the snapshot, in path order. */
function filesOf(collected: Collected): Map<string, DraftFile> {
  const header = writeHeader(collected.header);
  const files = new Map<string, DraftFile>(collected.files);
  files.set(HEADER_PATH, { size: header.length, sha256: sha256(header), read: async () => header });
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function flagsOf(
  options: BackupOptions,
  before: SnapshotHeader | null,
  header: SnapshotHeader,
): SnapshotFlag[] {
  const flags: SnapshotFlag[] = [];
  if (Object.values(header.kinds).some((kind) => kind.coverage === 'failed')) flags.push('partial');
  if (findShrunk(before, header).length > 0) flags.push('shrunk');
  if (options.purpose === 'safety') flags.push('safety');
  return flags;
}
