import { asError, FlowkeepError, messageOf } from '../../lib/errors.ts';
import { isUnchanged } from '../../snapshot/changes/compare-headers.ts';
import { applyPolicy, type StoreView } from '../../snapshot/treat/apply-policy.ts';
import type { BackupRun, StoreOutcome } from './backup-types.ts';
import { filesOf, makeDraft } from './draft.ts';
import { repair } from '../verify/repair.ts';
import { openTarget, type Target } from '../snapshots/open-target.ts';
import { readInstance, type Reading } from './read-instance.ts';
import { inspectSecrets } from './inspect-secrets.ts';
import { regularBefore } from './regular-before.ts';

/**
 * Saves what was read to one store, unless the store holds that state already. Its failure is an outcome.
 * @throws InterruptedError, and what is no FlowkeepError
 */
export async function saveTo(run: BackupRun, target: Target, reading: Reading): Promise<StoreOutcome> {
  const { store } = target;
  const where = { store: store.name, location: store.location };
  if (target.error !== undefined) return { ...where, status: 'failed', error: target.error };
  try {
    using view = await viewFor(run, target, reading);
    const known = await whereUnchanged(run, target, view);
    if (known) return known;
    if (!run.lock) return await saveNow(run, target, view);
    await using lease = await run.lock(store, run.signal);
    return await saveLocked({ ...run, signal: lease.signal }, target, reading, view);
  } catch (error) {
    if (run.signal.aborted || !(error instanceof FlowkeepError)) throw error;
    run.logger.error({ store: store.name, code: error.code }, `the snapshot was not saved: ${messageOf(error)}`);
    return { ...where, status: 'failed', error };
  } finally {
    run.progress.done();
  }
}

/** What one store gets of what was read, compared with what it has. */
async function viewFor(run: BackupRun, target: Target, reading: Reading): Promise<StoreView<Reading>> {
  // What was carried over unread from another store's snapshot is of no use here: this store has its own.
  if (reading.kept.size > 0 && target.latest !== reading.base) return readAgain(run, target);
  return applyPolicy(reading, run.policyOf(target.store), target.latest, run.openSpool, run.signal);
}

/** Reads the instance once more, compared with the snapshot that this store has. */
async function readAgain(run: BackupRun, target: Target): Promise<StoreView<Reading>> {
  using opened = new DisposableStack();
  const reading = opened.use(await readInstance(run, target.latest, run.clock.now()));
  const view = opened.use(await viewFor(run, target, reading));
  const both = opened.move();
  return { ...view, [Symbol.dispose]: () => both.dispose() };
}

/** The outcome where the store holds this state already; null where it is to be saved. */
async function whereUnchanged(
  run: BackupRun,
  { store, latest, damage }: Target,
  view: StoreView,
): Promise<StoreOutcome | null> {
  if (!latest || damage !== undefined || run.purpose === 'safety') return null;
  const isSafety = latest.info.flags.includes('safety');
  const known = isSafety
    ? await regularBefore(run, store, latest, view)
    : { snapshot: latest, unchanged: view.unchanged };
  if (known === null) return null;
  const { snapshot, unchanged } = known;
  const before = { header: snapshot.header, takenAt: snapshot.takenAt, paths: snapshot.files.keys() };
  const after = { header: view.header, paths: view.files.keys(), unchanged };
  if (!isUnchanged(before, after, Date.parse(view.takenAt))) return null;
  const healing = await repair(store, filesOf(view), run.signal);
  return { store: store.name, location: store.location, status: 'unchanged', snapshot: snapshot.info, healing };
}

/**
 * Looks at the store again, now that nobody else writes to it. Where another run saved in between, what was read may be
 * older than what is stored: then it is read once more, so that neither snapshot is lost, doubled or out of order.
 */
async function saveLocked(
  run: BackupRun,
  target: Target,
  reading: Reading,
  view: StoreView<Reading>,
): Promise<StoreOutcome> {
  const current = await openTarget(target.store, run.instance, run.signal);
  if (current.error !== undefined) throw asError(current.error);
  if (current.latest?.id === target.latest?.id) return saveNow(run, target, view);
  using other = await viewFor(run, current, reading);
  const known = await whereUnchanged(run, current, other);
  if (known) return known;
  using again = await readAgain(run, current);
  return (await whereUnchanged(run, current, again)) ?? (await saveNow(run, current, again));
}

async function saveNow(
  run: BackupRun,
  { store, damage, newestAt }: Target,
  view: StoreView<Reading>,
): Promise<StoreOutcome> {
  const secrets = await inspectSecrets(run.policyOf(store), store, view, run, view.clean);
  const healing = await repair(store, filesOf(view), run.signal);
  const { draft, changes } = await makeDraft(view, {
    purpose: run.purpose ?? 'backup',
    conceals: store.conceals === true,
    label: view.label,
    ...(newestAt === undefined ? {} : { newestAt }),
  });
  run.progress.start(`Saving ${run.instance} to ${store.name}`);
  const { info, ...written } = await store.save(draft, run.signal);
  const warnings =
    damage === undefined ? written.warnings : [...new Set([damage, ...lostKinds(view), ...written.warnings])];
  const where = { store: store.name, location: store.location };
  return { ...where, status: 'saved', snapshot: info, changes, ...written, warnings, secrets, healing };
}

/** Kinds of which the new snapshot has nothing, because n8n did not give them and no snapshot before is of use. */
function lostKinds({ header, base }: StoreView): string[] {
  // Without content it only tells that there was a snapshot (open-target.ts).
  if (base !== null && base.files.size > 0) return [];
  const lost = Object.entries(header.kinds).filter(
    ([, { coverage, carriedFrom }]) => coverage === 'failed' && carriedFrom === undefined,
  );
  return lost.map(
    ([kind]) =>
      `${kind} could not be read from n8n, and there is no snapshot that they could be taken over from: nothing of ` +
      'them is in this snapshot. Older snapshots may hold them',
  );
}
