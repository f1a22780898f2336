import type { InstanceState } from '../state.ts';
import type { ErrorInfo } from '../../lib/errors.ts';
import type { FinishedRun, Job } from '../types.ts';

/** The events that the webhook receives. */
export type AlertEvent =
  | { readonly event: 'failed'; readonly error: ErrorInfo }
  | { readonly event: 'recovered' }
  /** These kinds lost over half of their items since the snapshot before. */
  | { readonly event: 'shrunk'; readonly kinds: readonly string[] }
  /** These kinds could be read before and cannot be read any more: a licence, a scope. */
  | { readonly event: 'unavailable'; readonly kinds: readonly string[] };

/**
 * What is worth an alert about a run that ended, given what was known before it. A failure gives one alert, not one
 * for every run that fails the same way; its end gives another.
 */
export function eventsOf(run: FinishedRun, before: InstanceState): AlertEvent[] {
  if (run.status === 'interrupted' || run.status === 'locked') return [];
  const events: AlertEvent[] = [];
  const known = before.failing.get(run.job);
  if (run.status === 'success') {
    if (known !== undefined) events.push({ event: 'recovered' });
  } else {
    const error = run.error ?? { code: 'unknown', message: 'no reason given' };
    if (known !== error.code) events.push({ event: 'failed', error });
  }
  return [...events, ...backupEvents(run, before)];
}

/** Remembers the alerts that were sent, so that the next run is compared with them. */
export function rememberFailure(run: FinishedRun, state: { readonly failing: Map<Job, string> }): void {
  if (run.status === 'success') state.failing.delete(run.job);
  else if (run.status === 'failed' || run.status === 'partial')
    state.failing.set(run.job, run.error?.code ?? 'unknown');
}

function backupEvents({ backup }: FinishedRun, before: InstanceState): AlertEvent[] {
  if (!backup) return [];
  const lost = Object.entries(backup.header.kinds)
    .filter(([kind, { coverage }]) => coverage === 'unavailable' && before.coverage.get(kind) === 'complete')
    .map(([kind]) => kind);
  return [
    ...(backup.shrunk.length > 0 ? [{ event: 'shrunk', kinds: backup.shrunk } as const] : []),
    ...(lost.length > 0 ? [{ event: 'unavailable', kinds: lost } as const] : []),
  ];
}
