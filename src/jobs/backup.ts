import { asError, FlowkeepError, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Progress } from '../lib/progress.ts';
import type { Clock } from '../lib/time.ts';
import type { ClientStats, N8nClient } from '../n8n/types.ts';
import type { Kind } from '../resources/kinds.ts';
import { findShrunk, type ItemChange } from '../snapshot/changes.ts';
import { collect, type Collected } from '../snapshot/collect/collect.ts';
import { isUnchanged } from '../snapshot/compare-headers.ts';
import type { SnapshotHeader } from '../snapshot/header.ts';
import { randomLabel } from '../snapshot/snapshot-id.ts';
import type { SnapshotInfo, Store } from '../store/store.ts';
import { countWithheld } from '../snapshot/treat/withheld.ts';
import type { Treated } from '../snapshot/treat/treat.ts';
import { filesOf, makeDraft } from './draft.ts';
import { heal, type Healing } from './heal.ts';
import type { Lease } from './lease.ts';
import { openTarget, type Target } from './open-target.ts';
import {
  defaultPolicy,
  inspectSecrets,
  treatFor,
  type PolicyOf,
  type StoreSecrets,
} from './store-treatment.ts';

export type { KindHeader, SnapshotHeader } from '../snapshot/header.ts';
export { withheldWords } from '../snapshot/treat/withheld.ts';

export interface BackupOptions {
  readonly instance: string;
  readonly kinds: readonly Kind[];
  readonly client: N8nClient;
  readonly stores: readonly Store[];
  /** What each store gets: its settings `secrets`, `pinData` and `variableValues`. */
  readonly policyOf?: PolicyOf;
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
      /** In what was new to the store. */
      readonly secrets: StoreSecrets;
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

/** What was read in one go, and what it was compared with while it was read. */
interface Reading {
  readonly collected: Collected;
  readonly base: Target['latest'];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** What ids have in place of a digest, the same in each store; null where one of the stores shows its content anyway. */
  readonly label: string | null;
}

/**
 * Takes one snapshot of an instance and saves it to each of its stores. A store that fails does not stop the others.
 * @throws N8nError where the instance does not answer; the first store's error where every store fails
 */
export async function backup(options: BackupOptions): Promise<BackupReport> {
  const startedAt = options.clock.now();
  const targets = await Promise.all(
    options.stores.map((store) => openTarget(store, options.instance, options.signal)),
  );
  throwIfAllFailed(targets.map((target) => target.error));
  const base = newestBase(targets);
  using collected = await collect({ ...options, base });
  const stores: StoreOutcome[] = [];
  const label = labelOf(options, collected);
  for (const target of targets)
    stores.push(await saveTo(options, target, { collected, base, startedAt, label }));
  throwIfAllFailed(stores.map((outcome) => (outcome.status === 'failed' ? outcome.error : undefined)));
  return {
    instance: options.instance,
    url: options.client.url,
    header: collected.header,
    stores,
    shrunk: findShrunk(base?.header ?? null, collected.header),
    durationMs: options.clock.now() - startedAt,
    client: options.client.stats,
  };
}

function throwIfAllFailed(errors: readonly unknown[]): void {
  const [first] = errors;
  if (first === undefined || errors.some((error) => error === undefined)) return;
  throw first instanceof Error ? first : new FlowkeepError('store', messageOf(first));
}

/**
 * What unread details and kinds are taken from: the newest snapshot that any of the stores holds; of those taken at the
 * same time, one that can be read, and the one that has most.
 */
function newestBase(targets: readonly Target[]): Target['latest'] {
  return targets.reduce<Target['latest']>((best, { latest }) => {
    if (!best || !latest) return best ?? latest;
    const [known, other] = [best.files.info.takenAt, latest.files.info.takenAt];
    if (known !== other) return known > other ? best : latest;
    if (best.files.sealed || latest.files.sealed) return best.files.sealed ? latest : best;
    return countWithheld(latest.header) < countWithheld(best.header) ? latest : best;
  }, null);
}

function labelOf({ stores, clock }: BackupOptions, { kept }: Collected): string | null {
  const isNeeded = kept.size > 0 || stores.every((store) => store.conceals);
  return isNeeded ? randomLabel(clock.random()) : null;
}

async function saveTo(options: BackupOptions, target: Target, reading: Reading): Promise<StoreOutcome> {
  const { store } = target;
  const where = { store: store.name, location: store.location };
  if (target.error !== undefined) return { ...where, status: 'failed', error: target.error };
  try {
    using own = await ownReading(options, target, reading);
    const known = await whereUnchanged(options, target, own);
    if (known) return known;
    if (!options.lock) return await saveNow(options, target, own);
    await using lease = await options.lock(store, options.signal);
    return await saveLocked({ ...options, signal: lease.signal }, target, reading, own);
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

/** What one store gets of what was read; `unchanged` says what it has of that already. */
interface OwnReading extends Disposable {
  readonly treated: Treated;
  readonly startedAt: number;
  readonly label: string | null;
}

async function ownReading(options: BackupOptions, target: Target, reading: Reading): Promise<OwnReading> {
  // What was carried over unread from another store's snapshot is of no use here: this store has its own.
  if (reading.collected.kept.size > 0 && target.latest !== reading.base) return readAgain(options, target);
  const policy = policyOf(options, target);
  const treated = await treatFor(policy, target.latest, reading, options.temporaryFolder);
  const { startedAt, label } = reading;
  return { treated, startedAt, label, [Symbol.dispose]: () => treated[Symbol.dispose]() };
}

/** Reads the instance once more, compared with the snapshot that this store has. */
async function readAgain(options: BackupOptions, target: Target): Promise<OwnReading> {
  const startedAt = options.clock.now();
  const base = target.latest;
  const collected = await collect({ ...options, base });
  try {
    const reading = { collected, base, startedAt, label: labelOf(options, collected) };
    const own = await ownReading(options, target, reading);
    return {
      ...own,
      [Symbol.dispose]() {
        own[Symbol.dispose]();
        collected[Symbol.dispose]();
      },
    };
  } catch (error) {
    collected[Symbol.dispose]();
    throw error;
  }
}

function policyOf({ policyOf: own = defaultPolicy }: BackupOptions, { store }: Target) {
  return own(store);
}

/** The outcome where the store holds this state already; null where it is to be saved. */
async function whereUnchanged(
  options: BackupOptions,
  { store, latest, damage }: Target,
  { treated, startedAt }: OwnReading,
): Promise<StoreOutcome | null> {
  if (!latest || damage !== undefined || options.purpose === 'safety') return null;
  const { header, files } = latest;
  // A safety snapshot is never what `latest` names: the state that a restore leaves behind gets a snapshot of its own.
  if (files.info.flags.includes('safety')) return null;
  const before = { header, takenAt: files.info.takenAt, paths: files.files.keys() };
  const after = { header: treated.header, paths: treated.files.keys(), unchanged: treated.unchanged };
  if (!isUnchanged(before, after, startedAt)) return null;
  const healing = await heal(store, filesOf(treated), options.signal);
  return { store: store.name, location: store.location, status: 'unchanged', snapshot: files.info, healing };
}

/**
 * Looks at the store again, now that nobody else writes to it. Where another run saved in between, what was read may be
 * older than what is stored: then it is read once more, so that neither snapshot is lost, doubled or out of order.
 */
async function saveLocked(
  options: BackupOptions,
  target: Target,
  reading: Reading,
  own: OwnReading,
): Promise<StoreOutcome> {
  const current = await openTarget(target.store, options.instance, options.signal);
  if (current.error !== undefined) throw asError(current.error);
  if (current.latest?.files.info.id === target.latest?.files.info.id) return saveNow(options, target, own);
  using other = await ownReading(options, current, reading);
  const known = await whereUnchanged(options, current, other);
  if (known) return known;
  using again = await readAgain(options, current);
  return (await whereUnchanged(options, current, again)) ?? (await saveNow(options, current, again));
}

async function saveNow(
  options: BackupOptions,
  target: Target,
  { treated, startedAt, label }: OwnReading,
): Promise<StoreOutcome> {
  const { store, latest, damage } = target;
  const policy = policyOf(options, target);
  const secrets = await inspectSecrets(store, policy.secrets, treated, options.logger);
  const healing = await heal(store, filesOf(treated), options.signal);
  const { draft, changes } = await makeDraft({
    collected: treated,
    before: latest,
    unchanged: treated.unchanged,
    takenAt: startedAt,
    purpose: options.purpose ?? 'backup',
    conceals: store.conceals === true,
    label,
  });
  options.progress.start(`Saving ${options.instance} to ${store.name}`);
  const { info, ...written } = await store.save(draft, options.signal);
  const warnings = damage === undefined ? written.warnings : [...new Set([damage, ...written.warnings])];
  const where = { store: store.name, location: store.location };
  return { ...where, status: 'saved', snapshot: info, changes, ...written, warnings, secrets, healing };
}
