import { createRequire } from 'node:module';
import type * as NodeCron from 'node-cron';
import type { ValidationIssue } from './problems/validation-issue.ts';

/** In the order of an expression with seconds; the names are node-cron's own. */
const FIELDS = {
  second: 'second is not within 0-59',
  minute: 'minute is not within 0-59',
  hour: 'hour is not within 0-23',
  dayOfMonth: 'day of the month is not within 1-31',
  month: 'month is not within 1-12',
  dayOfWeek: 'day of the week is not within 0-7',
};

/** What is wrong with a cron expression of five fields, or of six with seconds first; null: nothing. */
export function cronIssue(expression: string): ValidationIssue | null {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== 5 && parts.length !== 6) {
    const count = parts.length === 1 ? 'one field' : `${parts.length} fields`;
    return wrong(`is not a cron expression: it has ${count}, not five`);
  }
  const names = Object.keys(FIELDS).slice(-parts.length);
  const [error] = nodeCron().validateDetailed(expression).errors;
  if (error?.message.includes('impossible day'))
    return wrong('names a day that no such month has, so that it would never run');
  const bad = error?.field ?? names.find((_name, index) => runsBackwards(parts[index] ?? ''));
  if (bad === undefined) return null;
  const reason = Object.entries(FIELDS).find(([name]) => name === bad)?.[1] ?? 'fields cannot be read';
  return wrong(`is not a cron expression: its ${reason}`);
}

function wrong(message: string): ValidationIssue {
  const remedy = 'write minute, hour, day of the month, month, day of the week, such as "*/15 * * * *"';
  return { message, remedy };
}

/** Loaded where a schedule is set: most commands start without it. */
function nodeCron(): typeof NodeCron {
  return createRequire(import.meta.url)('node-cron') as typeof NodeCron;
}

/** A range such as `5-1`, which node-cron takes for two ranges: rarely what was meant. */
function runsBackwards(field: string): boolean {
  return field.split(',').some((item) => {
    const [, from, to] = /^(\d+)-(\d+)/.exec(item) ?? [];
    return Number(from) > Number(to);
  });
}
