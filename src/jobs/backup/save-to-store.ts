import { asError, FlowkeepError, messageOf } from '../../lib/errors.ts';
import { isUnchanged } from '../../snapshot/changes/compare-headers.ts';
import type { CleanFiles } from '../../snapshot/treat/clean-files.ts';
import type { StoreView } from '../../snapshot/treat/apply-policy.ts';
import type { BackupOptions, StoreOutcome } from './backup-types.ts';
import { filesOf, makeDraft } from './draft.ts';
import { repair } from '../verify/repair.ts';
import { openTarget, type Target } from '../snapshots/open-target.ts';
import { readInstance, type Reading } from './read-instance.ts';
import { defaultPolicy, inspectSecrets, applyStorePolicy } from './store-policy.ts';

/**
 * Saves what was read to one store, unless the store holds that state already. Its failure is an outcome.
 * @throws InterruptedError, and what is no FlowkeepError
 */
export async function saveTo(
  options: BackupOptions,
  target: Target,
  reading: Reading,
): Promise<StoreOutcome> {
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
  readonly view: StoreView;
  readonly startedAt: number;
  readonly label: string | null;
  readonly clean: CleanFiles;
}

async function ownReading(options: BackupOptions, target: Target, reading: Reading): Promise<OwnReading> {
  // What was carried over unread from another store's snapshot is of no use here: this store has its own.
  if (reading.collected.kept.size > 0 && target.latest !== reading.base) return readAgain(options, target);
  const policy = policyOf(options, target);
  const view = await applyStorePolicy(policy, target.latest, reading, options.openSpool);
  const { startedAt, label, clean } = reading;
  return { view, startedAt, label, clean, [Symbol.dispose]: () => view[Symbol.dispose]() };
}

/** Reads the instance once more, compared with the snapshot that this store has. */
async function readAgain(options: BackupOptions, target: Target): Promise<OwnReading> {
  const reading = await readInstance(options, target.latest, options.clock.now());
  const { collected } = reading;
  try {
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
  { view, startedAt }: OwnReading,
): Promise<StoreOutcome | null> {
  if (!latest || damage !== undefined || options.purpose === 'safety') return null;
  // A safety snapshot is never what `latest` names: the state that a restore leaves behind gets a snapshot of its own.
  if (latest.info.flags.includes('safety')) return null;
  const before = { header: latest.header, takenAt: latest.takenAt, paths: latest.files.keys() };
  const after = { header: view.header, paths: view.files.keys(), unchanged: view.unchanged };
  if (!isUnchanged(before, after, startedAt)) return null;
  const healing = await repair(store, filesOf(view), options.signal);
  return { store: store.name, location: store.location, status: 'unchanged', snapshot: latest.info, healing };
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
  if (current.latest?.id === target.latest?.id) return saveNow(options, target, own);
  using other = await ownReading(options, current, reading);
  const known = await whereUnchanged(options, current, other);
  if (known) return known;
  using again = await readAgain(options, current);
  return (await whereUnchanged(options, current, again)) ?? (await saveNow(options, current, again));
}

async function saveNow(
  options: BackupOptions,
  target: Target,
  { view, startedAt, label, clean }: OwnReading,
): Promise<StoreOutcome> {
  const { store, latest, damage } = target;
  const policy = policyOf(options, target);
  const secrets = await inspectSecrets(store, policy.secrets, view, options.logger, clean);
  const healing = await repair(store, filesOf(view), options.signal);
  const { draft, changes } = await makeDraft({
    collected: view,
    before: latest,
    unchanged: view.unchanged,
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
