import { nextSlots } from './cron.ts';
import { delayOf, type Jitter } from './jitter.ts';
import type { DaemonInstance } from './types.ts';
import { skippedSlots, zoneFor } from './zones.ts';

/** One schedule of an instance, as people check it before they rely on it. */
export interface SchedulePreview {
  readonly job: string;
  readonly expression: string;
  /** IANA name. */
  readonly timezone: string;
  /** Seconds by which each run begins after its time, so that not all instances of a fleet start at once. */
  readonly delaySeconds: number;
  /** The next three runs, ISO 8601 in UTC; the delay is in them. */
  readonly next: readonly string[];
  /** What may not be meant so. */
  readonly warning?: string;
}

type ScheduledInstance = Pick<DaemonInstance, 'name' | 'url' | 'schedules' | 'timezone'>;

const RUNS = 3;

/** The schedules of an instance that are set, with their next runs from now. */
export function previewSchedules(instance: ScheduledInstance, jitter: Jitter): SchedulePreview[] {
  const { schedules, timezone } = instance;
  return Object.entries(schedules).flatMap(([job, expression]) => {
    if (expression === null) return [];
    const slots = nextSlots(expression, zoneFor(expression, timezone));
    const delayMs = delayOf(instance, jitter, slots);
    const next = nextRuns(expression, timezone, slots).map((date) => new Date(date.getTime() + delayMs).toISOString());
    const delaySeconds = delayMs / 1000;
    return [
      { job, expression, timezone, delaySeconds, next, ...(namesBothDays(expression) ? { warning: BOTH_DAYS } : {}) },
    ];
  });
}

/** Lines for people: times by the clock of the schedule's zone. */
export function describePreview(preview: SchedulePreview): string[] {
  const { job, expression, timezone, delaySeconds, next, warning } = preview;
  const times = next.map((time) => localTime(time, timezone)).join(', ');
  const line = `${job} "${expression}" (${timezone}) runs next: ${times}${delaySeconds === 0 ? '' : ` (${delaySeconds} s later: jitter)`}`;
  return warning === undefined ? [line] : [line, `${job} "${expression}" ${warning}`];
}

/** The slots of the next runs, as startCron (cron.ts) has them. */
function nextRuns(expression: string, timezone: string, slots: readonly Date[]): Date[] {
  const zone = zoneFor(expression, timezone);
  const known = slots.slice(0, RUNS);
  const skipped = skippedSlots(expression, zone, { from: new Date(), to: known.at(-1) ?? new Date() });
  return [...known, ...skipped].sort((a, b) => a.getTime() - b.getTime()).slice(0, RUNS);
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
