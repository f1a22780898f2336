import { createTask } from 'node-cron';
import type { DaemonInstance } from './types.ts';
import { skippedSlots, zoneFor } from './zones.ts';

/** One schedule of an instance, as people check it before they rely on it. */
export interface SchedulePreview {
  readonly job: string;
  readonly expression: string;
  /** IANA name. */
  readonly timezone: string;
  /** The next three runs, ISO 8601 in UTC. */
  readonly next: readonly string[];
  /** What may not be meant so. */
  readonly warning?: string;
}

type ScheduledInstance = Pick<DaemonInstance, 'schedules' | 'timezone'>;

const RUNS = 3;

/** The schedules of an instance that are set, with their next runs from now. */
export function previewSchedules({ schedules, timezone }: ScheduledInstance): SchedulePreview[] {
  return Object.entries(schedules).flatMap(([job, expression]) => {
    if (expression === null) return [];
    const next = nextRuns(expression, timezone).map((date) => date.toISOString());
    return [{ job, expression, timezone, next, ...(namesBothDays(expression) ? { warning: BOTH_DAYS } : {}) }];
  });
}

/** Lines for people: times by the clock of the schedule's zone. */
export function describePreview({ job, expression, timezone, next, warning }: SchedulePreview): string[] {
  const times = next.map((time) => localTime(time, timezone)).join(', ');
  const line = `${job} "${expression}" (${timezone}) runs next: ${times}`;
  return warning === undefined ? [line] : [line, `${job} "${expression}" ${warning}`];
}

/** As startCron (cron.ts) runs it, but for the jitter. */
function nextRuns(expression: string, timezone: string): Date[] {
  const zone = zoneFor(expression, timezone);
  const task = createTask(expression, () => undefined, { timezone: zone });
  const slots = task.getNextRuns(RUNS);
  void task.destroy();
  const skipped = skippedSlots(expression, zone, { from: new Date(), to: slots.at(-1) ?? new Date() });
  return [...slots, ...skipped].sort((a, b) => a.getTime() - b.getTime()).slice(0, RUNS);
}

const BOTH_DAYS =
  'names days of the month and days of the week: flowkeep runs on days that are both, but cron and Kubernetes on days ' +
  'that are either';

/** cron and Kubernetes treat a field that begins with a star as no choice of days, so that both must hold there too. */
function namesBothDays(expression: string): boolean {
  const [, , dayOfMonth = '', , dayOfWeek = ''] = expression.trim().split(/\s+/).slice(-5);
  return [dayOfMonth, dayOfWeek].every((field) => !/^[*?]/.test(field));
}

/** `Tue 2026-12-01 03:00`, with seconds where there are some. */
function localTime(time: string, timeZone: string): string {
  const weekday = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short' }).format(new Date(time));
  const options = { timeZone, dateStyle: 'short', timeStyle: 'medium' } as const;
  return `${weekday} ${new Intl.DateTimeFormat('sv-SE', options).format(new Date(time)).replace(/:00$/, '')}`;
}
