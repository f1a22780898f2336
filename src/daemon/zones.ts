import { createTask } from 'node-cron';

/** Longer than any daylight-saving shift (Antarctica/Troll: two hours). */
const LONGER_THAN_ANY_SHIFT_MS = 3 * 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * The zone that a schedule runs in. One that says nothing of hours and days ("every 15 minutes") goes on through a
 * daylight-saving change without a gap: it runs in UTC, unless the zone is not whole hours away from it.
 */
export function zoneFor(expression: string, timezone: string): string {
  const saysWhen = expression
    .trim()
    .split(/\s+/)
    .slice(-4)
    .some((field) => field !== '*');
  if (saysWhen) return timezone;
  const offsets = [0, 3, 6, 9].map((month) => offsetMinutes(timezone, Date.UTC(2026, month)));
  return offsets.every((offset) => offset % 60 === 0) ? 'UTC' : timezone;
}

/**
 * Whether an instant is a slot that daylight saving skips: by the clock as it was before the change it is one, by the
 * clock as it is now it is none. So "02:30" runs at 03:30 on the day without a 02:30, and a slot that exists runs once.
 */
export function isSkippedSlot(expression: string, timezone: string, date: Date): boolean {
  const at = date.getTime();
  const now = offsetMinutes(timezone, at);
  const before = offsetMinutes(timezone, at - LONGER_THAN_ANY_SHIFT_MS);
  const shift = now - before;
  // As long after the change as the clock was put forward.
  if (shift <= 0 || offsetMinutes(timezone, at - shift * MINUTE_MS) !== before) return false;
  return matches(expression, offsetZone(before), date) && !matches(expression, timezone, date);
}

/** The slots between two instants that daylight saving skips, each at the time at which it is run instead. */
export function skippedSlots(
  expression: string,
  timezone: string,
  { from, to }: { readonly from: Date; readonly to: Date },
): Date[] {
  const found: Date[] = [];
  const hasSeconds = expression.trim().split(/\s+/).length === 6;
  const start = Math.floor(from.getTime() / MINUTE_MS) * MINUTE_MS;
  for (let day = start; day < to.getTime(); day += DAY_MS) {
    const shift = offsetMinutes(timezone, day + DAY_MS) - offsetMinutes(timezone, day);
    if (shift <= 0) continue;
    const change = changeWithin(timezone, day);
    for (let at = change; at < change + shift * MINUTE_MS; at += hasSeconds ? 1000 : MINUTE_MS)
      if (isSkippedSlot(expression, timezone, new Date(at))) found.push(new Date(at));
  }
  return found.filter((date) => date > from);
}

/** The first minute of a day (from any minute on) with the offset that the day ends with. */
function changeWithin(timezone: string, day: number): number {
  const after = offsetMinutes(timezone, day + DAY_MS);
  let [lower, upper] = [0, DAY_MS / MINUTE_MS];
  while (upper - lower > 1) {
    const middle = Math.floor((lower + upper) / 2);
    if (offsetMinutes(timezone, day + middle * MINUTE_MS) === after) upper = middle;
    else lower = middle;
  }
  return day + upper * MINUTE_MS;
}

function matches(expression: string, timezone: string, date: Date): boolean {
  const task = createTask(expression, () => undefined, { timezone });
  const found = task.match(date);
  void task.destroy();
  return found;
}

/** `+01:00`, which Intl takes as a zone. */
function offsetZone(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pad(hours)}:${pad(rest)}`;
}

/** Minutes that the zone's clock is ahead of UTC at an instant (milliseconds since 1970). */
function offsetMinutes(timezone: string, at: number): number {
  const part = formatterOf(timezone)
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName');
  const match = /^GMT([+-])(\d\d):(\d\d)/.exec(part?.value ?? '');
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timezone: string): Intl.DateTimeFormat {
  const known = formatters.get(timezone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' });
  formatters.set(timezone, made);
  return made;
}
