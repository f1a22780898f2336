import type { BackupReport } from '../../jobs/backup/backup-types.ts';
import type { ErrorInfo } from '../../lib/errors.ts';
import type { InstanceState } from '../state.ts';
import type { FinishedRun, Job } from '../run.ts';

/** Every event that a channel can be sent, and what comes with it. */
interface Events {
  /** A backup begins. */
  readonly started: object;
  /** A backup ended, well or not. */
  readonly ended: { readonly run: FinishedRun };
  /** A job failed, and did not fail the same way before; or it ended well and found that snapshots are gone. */
  readonly failed: { readonly run: FinishedRun; readonly error: ErrorInfo };
  readonly recovered: { readonly run: FinishedRun };
  /** These kinds lost over half of their items since the snapshot before. */
  readonly shrunk: { readonly run: FinishedRun; readonly kinds: readonly string[] };
  /** These kinds could be read before and cannot be read any more: a licence, a scope. */
  readonly unavailable: { readonly run: FinishedRun; readonly kinds: readonly string[] };
}

export type EventName = keyof Events;

/** For monitors, for which silence is the alarm. */
export const RUN_EVENTS = ['started', 'ended'] as const satisfies readonly EventName[];
/** For people: what is worth an alert. */
export const ALERT_EVENTS = ['failed', 'recovered', 'shrunk', 'unavailable'] as const satisfies readonly EventName[];
export type AlertEvent = (typeof ALERT_EVENTS)[number];

/** One event of one instance. */
export type Notice<Name extends EventName = EventName> = {
  readonly [Each in Name]: { readonly event: Each; readonly instance: string } & Events[Each];
}[Name];

/** The notices of a run that begins. */
export function startNotices(instance: string, job: Job): Notice[] {
  return job === 'backup' ? [{ event: 'started', instance }] : [];
}

/**
 * The notices of a run that ended, given what was known before it. A failure gives one alert, not one for every run
 * that fails the same way; its end gives another.
 */
export function endNotices(run: FinishedRun, before: InstanceState): Notice[] {
  // Another run does the work, or the daemon ends.
  if (run.status === 'interrupted' || run.status === 'locked') return [];
  const { instance } = run;
  const notices: Notice[] = run.job === 'backup' ? [{ event: 'ended', instance, run }] : [];
  const known = before.failing.get(run.job);
  if (run.status === 'success') {
    if (known !== undefined) notices.push({ event: 'recovered', instance, run });
  } else {
    const error = run.error ?? { code: 'unknown', message: 'no reason given' };
    if (known !== error.code) notices.push({ event: 'failed', instance, run, error });
  }
  return [...notices, ...backupNotices(run, before)];
}

/** Remembers the alerts that were sent, so that the next run is compared with them. */
export function rememberFailure(run: FinishedRun, state: { readonly failing: Map<Job, string> }): void {
  if (run.status === 'success') state.failing.delete(run.job);
  else if (run.status === 'failed' || run.status === 'partial')
    state.failing.set(run.job, run.error?.code ?? 'unknown');
}

function backupNotices(run: FinishedRun, before: InstanceState): Notice[] {
  const { backup, instance } = run;
  if (!backup) return [];
  const lost = Object.entries(backup.header.kinds)
    .filter(([kind, { coverage }]) => coverage === 'unavailable' && before.coverage.get(kind) === 'complete')
    .map(([kind]) => kind);
  return [
    ...goneNotices(run, backup, before),
    ...(backup.shrunk.length > 0 ? [{ event: 'shrunk', instance, run, kinds: backup.shrunk } as const] : []),
    ...(lost.length > 0 ? [{ event: 'unavailable', instance, run, kinds: lost } as const] : []),
  ];
}

/**
 * A store that held snapshots, as the daemon knows or as is left in it, and that got its first one again. The backup is
 * no failure; what was there before is gone.
 */
function goneNotices(run: FinishedRun, backup: BackupReport, { stores }: InstanceState): Notice[] {
  const { instance } = run;
  return backup.stores.flatMap((store) => {
    if (store.status !== 'saved' || !store.isFirst) return [];
    if (store.emptied === undefined && !stores.has(store.store)) return [];
    const message =
      store.emptied ??
      `store ${store.store} held snapshots of ${instance} and lists none any more: a first one was saved`;
    const remedy = 'Run `flowkeep check` and `flowkeep snapshots`, and look at who changed the store.';
    return [{ event: 'failed', instance, run, error: { code: 'store-emptied', message, remedy } } as const];
  });
}
