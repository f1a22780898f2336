import type { ValidationIssue } from './problems/validation-issue.ts';

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Three-letter names, the first of which stands for `min`. */
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Field[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  // Both 0 and 7 are Sunday.
  { name: 'day of the week', min: 0, max: 7, names: DAYS },
];

/** What is wrong with a cron expression of five fields, or of six with seconds first; null: nothing. */
export function cronIssue(expression: string): ValidationIssue | null {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== 5 && parts.length !== 6) {
    const count = parts.length === 1 ? 'one field' : `${parts.length} fields`;
    return wrong(`is not a cron expression: it has ${count}, not five`);
  }
  const fields = FIELDS.slice(FIELDS.length - parts.length);
  const bad = fields.find((field, index) => !isField(parts[index] ?? '', field));
  if (bad) return wrong(`is not a cron expression: its ${bad.name} is not within ${bad.min}-${bad.max}`);
  return neverComes(parts.at(-3) ?? '', parts.at(-2) ?? '')
    ? wrong('names a day that no such month has, so that it would never run')
    : null;
}

function wrong(message: string): ValidationIssue {
  const remedy = 'write minute, hour, day of the month, month, day of the week, such as "*/15 * * * *"';
  return { message, remedy };
}

const LONGEST_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether all days are beyond the end of all months, such as 30 February. */
function neverComes(days: string, months: string): boolean {
  const [firstDay, ...others] = days.split(',').map((item) => Number(/^\d+/.exec(item)?.[0] ?? 1));
  const earliest = Math.min(firstDay ?? 1, ...others);
  return !LONGEST_MONTH.some((length, index) => earliest <= length && covers(months, index + 1));
}

function covers(months: string, month: number): boolean {
  return months.split(',').some((item) => {
    const [range = '', step = '1'] = item.split('/');
    const [from = '1', to] = range === '*' ? ['1', '12'] : range.split('-');
    const first = monthOf(from);
    return month >= first && month <= monthOf(to ?? from) && (month - first) % Number(step) === 0;
  });
}

function monthOf(text: string): number {
  const named = MONTHS.indexOf(text.toLowerCase());
  return named >= 0 ? named + 1 : Number(text);
}

/**
 * A list of `*`, `5`, `mon`, `1-5`, each of the ranges, but no single value, with a step such as `*` + `/15` if
 * wanted.
 */
function isField(text: string, field: Field): boolean {
  return text.split(',').every((item) => {
    const [range = '', step, ...rest] = item.split('/');
    if (rest.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false;
    if (step !== undefined && range !== '*' && !range.includes('-')) return false;
    return range === '*' || isRange(range, field);
  });
}

function isRange(text: string, field: Field): boolean {
  const [from, to, ...rest] = text.split('-').map((part) => valueOf(part, field));
  if (from == null || rest.length > 0) return false;
  return to === undefined || (to !== null && from <= to);
}

function valueOf(text: string, { min, max, names = [] }: Field): number | null {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return min + named;
  if (!/^\d{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}
