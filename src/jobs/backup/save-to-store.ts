import { asError, FlowkeepError, messageOf } from '../../lib/errors.ts';
import { applyPolicy, type StoreView } from '../../snapshot/treat/apply-policy.ts';
import type { Loss } from '../../snapshot/changes/loss.ts';
import type { BackupRun, StoreOutcome, UnconfirmedLoss } from './backup-types.ts';
import { knownAs, lossSince, openBackupTarget, type BackupTarget } from './backup-target.ts';
import { filesOf, makeDraft } from './draft.ts';
import { repair } from '../verify/repair.ts';
import { isEmptyTarget } from '../snapshots/open-target.ts';
import { readInstance, type Reading } from './read-instance.ts';
import { inspectSecrets } from './inspect-secrets.ts';
import type { ServerCheck } from './server-check.ts';

/** A backup while it saves. */
interface SavingRun extends BackupRun {
  readonly servers: ServerCheck;
  /** When the newest snapshot of each store was taken, as they were before anything was saved. */
  readonly newest: readonly string[];
}

/** When the newest snapshot of a store was taken, as it says; nothing where there is none. */
export function newestOf({ newestAt, latest }: BackupTarget): readonly string[] {
  const time = newestAt ?? latest?.takenAt;
  return time === undefined ? [] : [time];
}

/**
 * Saves what was read to one store, unless the store holds that state already. Its failure is an outcome.
 * @throws InterruptedError, and what is no FlowkeepError
 */
export async function saveTo(run: SavingRun, target: BackupTarget, reading: Reading): Promise<StoreOutcome> {
  const { store } = target;
  const where = { store: store.name, location: store.location };
  if (target.error !== undefined) return { ...where, status: 'failed', error: target.error };
  try {
    using view = await viewFor(run, target, reading);
    if (run.confirm) await run.servers.confirm(target, view);
    const known = await whereUnchanged(run, target, view);
    if (known) return known;
    await run.servers.require(target, view);
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
async function viewFor(run: BackupRun, target: BackupTarget, reading: Reading): Promise<StoreView<Reading>> {
  // What was carried over unread from another store's snapshot is of no use here: this store has its own.
  if (reading.kept.size > 0 && target.latest !== reading.base) return readAgain(run, target);
  return applyPolicy(reading, run.policyOf(target.store), target.latest, run.openSpool, run.signal);
}

/** Reads the instance once more, compared with the snapshot that this store has. */
async function readAgain(run: BackupRun, target: BackupTarget): Promise<StoreView<Reading>> {
  using opened = new DisposableStack();
  const reading = opened.use(await readInstance(run, target.latest, run.clock.now()));
  const view = opened.use(await viewFor(run, target, reading));
  const both = opened.move();
  return { ...view, [Symbol.dispose]: () => both.dispose() };
}

/** The outcome where the store holds this state already; null where it is to be saved. */
async function whereUnchanged(run: BackupRun, target: BackupTarget, view: StoreView): Promise<StoreOutcome | null> {
  const { store, latest, damage, owed } = target;
  if (!latest || damage !== undefined || run.purpose === 'safety') return null;
  const loss = lossSince(target, view);
  // What somebody confirms is saved once more as what it is from now on.
  if (run.confirm && isInDoubt(target, loss)) return null;
  const known = await knownAs(target, view, loss !== null);
  if (known === null) return null;
  const healing = await repair(store, filesOf(view), run.signal);
  const where = { store: store.name, location: store.location };
  const told = { ...unconfirmed(target, loss), ...(owed === undefined ? {} : { owed }) };
  return { ...where, status: 'unchanged', snapshot: known.info, healing, ...told };
}

/** Whether there is something that `--confirm` can confirm. */
function isInDoubt({ regular }: BackupTarget, loss: Loss | null): boolean {
  return loss !== null || regular?.info.flags.includes('shrunk') === true;
}

function unconfirmed({ regular }: BackupTarget, loss: Loss | null): { readonly unconfirmed?: UnconfirmedLoss } {
  return loss && regular ? { unconfirmed: { ...loss, before: regular.id } } : {};
}

/**
 * Looks at the store again, now that nobody else writes to it. Where another run saved in between, what was read may be
 * older than what is stored: then it is read once more, so that neither snapshot is lost, doubled or out of order.
 */
async function saveLocked(
  run: SavingRun,
  target: BackupTarget,
  reading: Reading,
  view: StoreView<Reading>,
): Promise<StoreOutcome> {
  const current = await openBackupTarget(target.store, run.instance, run.signal);
  if (current.error !== undefined) throw asError(current.error);
  if (current.latest?.id === target.latest?.id) return saveNow(run, target, view);
  using other = await viewFor(run, current, reading);
  const known = await whereUnchanged(run, current, other);
  if (known) return known;
  await run.servers.require(current, other);
  using again = await readAgain(run, current);
  return (await whereUnchanged(run, current, again)) ?? (await saveNow(run, current, again));
}

async function saveNow(run: SavingRun, target: BackupTarget, view: StoreView<Reading>): Promise<StoreOutcome> {
  const { store, damage, regular } = target;
  const purpose = run.purpose ?? 'backup';
  const found = purpose === 'safety' ? null : lossSince(target, view);
  const loss = run.confirm ? null : found;
  const secrets = await inspectSecrets(run.policyOf(store), store, view, run, view.clean);
  const healing = await repair(store, filesOf(view), run.signal);
  const { draft, changes } = await makeDraft(view, {
    purpose,
    // Compared with what is known to be right, not with what is in doubt itself.
    ...(regular ? { before: regular.header } : {}),
    ...(loss ? { doubt: 'unconfirmed' } : run.confirm && regular ? { doubt: 'confirmed' } : {}),
    conceals: store.conceals === true,
    label: view.label,
    newest: [...run.newest, ...newestOf(target)],
  });
  run.progress.start(`Saving ${run.instance} to ${store.name}`);
  const { info, ...written } = await store.save(draft, run.signal);
  const warnings =
    damage === undefined ? written.warnings : [...new Set([damage, ...lostKinds(view), ...written.warnings])];
  const where = { store: store.name, location: store.location };
  return {
    ...where,
    status: 'saved',
    snapshot: info,
    changes,
    ...written,
    warnings,
    isFirst: isEmptyTarget(target),
    secrets,
    healing,
    ...unconfirmed(target, loss),
  };
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
