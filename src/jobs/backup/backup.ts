// Backup: read the instance once, then save what each store's policy allows to each store whose newest
// snapshot differs. Only the steps of a backup enter.

import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import { findShrunk } from '../../snapshot/changes/changes.ts';
import { compareTimes, isInFuture } from '../../store/plausible-time.ts';
import { countOmitted } from '../../snapshot/treat/omitted.ts';
import type { BackupRun, BackupReport, StoreOutcome } from './backup-types.ts';
import { openBackupTarget } from './backup-target.ts';
import { findEmptied, tellEmptied } from './emptied.ts';
import type { Target } from '../snapshots/open-target.ts';
import { readInstance } from './read-instance.ts';
import { newestOf, saveTo } from './save-to-store.ts';
import { ServerCheck } from './server-check.ts';

/**
 * Takes one snapshot of an instance and saves it to each of its stores. A store that fails does not stop the others.
 * @throws N8nError where the instance does not answer; FlowkeepError `other-server` where it is another one than that
 * of the snapshots, and nobody has confirmed it; the first store's error where every store fails
 */
export async function backup(run: BackupRun): Promise<BackupReport> {
  const startedAt = run.clock.now();
  const targets = await Promise.all(run.stores.map((store) => openBackupTarget(store, run.instance, run.signal)));
  throwIfAllFailed(targets.map((target) => target.error));
  const base = newestBase(targets, startedAt);
  warnOfFuture(run, targets, startedAt);
  using reading = await readInstance(run, base, startedAt);
  const servers = new ServerCheck(run);
  await servers.requireLikely(targets, reading);
  const emptied = await findEmptied(run, targets);
  const saving = { ...run, servers, newest: targets.flatMap(newestOf) };
  const stores: StoreOutcome[] = [];
  for (const target of targets) {
    const outcome = await saveTo(saving, target, reading);
    stores.push(tellEmptied(run, target, outcome, emptied.get(target.store.name)));
  }
  throwIfAllFailed(stores.map((outcome) => (outcome.status === 'failed' ? outcome.error : undefined)));
  return {
    instance: run.instance,
    url: run.client.url,
    header: reading.header,
    stores,
    shrunk: findShrunk(base?.header ?? null, reading.header),
    durationMs: run.clock.now() - startedAt,
    client: run.client.stats,
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
function newestBase(targets: readonly Target[], now: number): Target['latest'] {
  return targets.reduce<Target['latest']>((best, { latest }) => {
    if (!best || !latest) return best ?? latest;
    const later = compareTimes(best.takenAt, latest.takenAt, now);
    if (later !== 0) return later > 0 ? best : latest;
    if (best.sealed || latest.sealed) return best.sealed ? latest : best;
    return countOmitted(latest.header) < countOmitted(best.header) ? latest : best;
  }, null);
}

/** The one thing that a backup sees of a wrong clock. It changes nothing: the stores say what came after what. */
function warnOfFuture({ instance, logger }: BackupRun, targets: readonly Target[], now: number): void {
  const found = targets.flatMap(({ latest }) => latest ?? []).filter(({ takenAt }) => isInFuture(takenAt, now));
  for (const [id, [first]] of Map.groupBy(found, (latest) => latest.id)) {
    const fields = { instance, snapshot: id, takenAt: first?.takenAt, now: new Date(now).toISOString() };
    logger.warn(
      fields,
      `the newest snapshot ${id} claims to be of the future: this machine's clock is wrong, or that of the machine ` +
        'that took it was. Its time is not believed; what is saved now comes after it all the same',
    );
  }
}
