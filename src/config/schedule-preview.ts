import { nextRuns } from './cron.ts';
import type { InstanceConfig } from './types.ts';

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

const RUNS = 3;

/** The schedules of an instance that are set, with their next runs from now. */
export function previewSchedules({ schedules, timezone }: InstanceConfig): SchedulePreview[] {
  return Object.entries(schedules).flatMap(([job, expression]) => {
    if (expression === null) return [];
    const next = nextRuns(expression, timezone, RUNS).map((date) => date.toISOString());
    return [{ job, expression, timezone, next, ...(namesBothDays(expression) ? { warning: BOTH_DAYS } : {}) }];
  });
}

/** Lines for people: times by the clock of the schedule's zone. */
export function describePreview({ job, expression, timezone, next, warning }: SchedulePreview): string[] {
  const times = next.map((time) => localTime(time, timezone)).join(', ');
  const line = `${job} "${expression}" (${timezone}) runs next: ${times}`;
  return warning === undefined ? [line] : [line, `${job} "${expression}" ${warning}`];
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
