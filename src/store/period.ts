export type Period = 'hour' | 'day' | 'week' | 'month' | 'year';

/**
 * A function that names the period of a time in a timezone: `2026-11-23 14h`, `2026-11-23`, `2026-W48`, `2026-11`,
 * `2026`. Weeks are those of ISO 8601. The hour that a change from daylight-saving time repeats is two hours.
 * @param timezone IANA name
 * @throws RangeError where there is no such timezone
 */
export function periodNamer(period: Period, timezone: string): (time: Date) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  return (time) => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
    const { year = '', month = '', day = '', hour = '', timeZoneName = '' } = parts;
    if (period === 'hour') return `${year}-${month}-${day} ${hour}h ${timeZoneName}`;
    if (period === 'day') return `${year}-${month}-${day}`;
    if (period === 'week') return isoWeek(Number(year), Number(month), Number(day));
    return period === 'month' ? `${year}-${month}` : year;
  };
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The ISO 8601 week of a date: it belongs to the year that its Thursday is in. */
function isoWeek(year: number, month: number, day: number): string {
  const date = Date.UTC(year, month - 1, day);
  const daysSinceMonday = (new Date(date).getUTCDay() + 6) % 7;
  const thursday = date + (3 - daysSinceMonday) * DAY_MS;
  const weekYear = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(weekYear, 0, 1)) / (7 * DAY_MS));
  return `${weekYear}-W${String(week).padStart(2, '0')}`;
}
