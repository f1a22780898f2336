import { describe, expect, it } from 'vitest';
import { cronComplaint } from '../../../src/config/cron.ts';
import { formatDuration, parseDuration } from '../../../src/config/duration.ts';

describe('cron expressions', () => {
  it.each([
    '* * * * *',
    '*/15 * * * *',
    '0 4 * * 0',
    '0 4 * * 7',
    '5,35 8-18/2 1 jan,jul mon-fri',
    '*/5 * * * * *',
    '0 0 31 12 SUN',
    '  0  5 * * * ',
  ])('accepts %s', (expression) => {
    expect(cronComplaint(expression)).toBeNull();
  });

  it.each([
    ['60 * * * *', 'minute'],
    ['* 24 * * *', 'hour'],
    ['* * 0 * *', 'day of the month'],
    ['* * * 13 *', 'month'],
    ['* * * * 8', 'day of the week'],
    ['* * * * xyz', 'day of the week'],
    ['5-1 * * * *', 'minute'],
    ['*/0 * * * *', 'minute'],
    ['*/a * * * *', 'minute'],
    ['1, * * * *', 'minute'],
    ['1-2-3 * * * *', 'minute'],
    ['60 * * * * *', 'second'],
    ['* * *', '3 fields'],
    ['@daily', 'one field'],
  ])('refuses %s', (expression, place) => {
    expect(cronComplaint(expression)?.message).toContain(place);
  });
});

describe('durations', () => {
  it.each([
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['1y', 31_536_000_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  it.each(['7', 'd', '0d', '-1d', '1.5h', '7 d', '7days', '9999999d', ''])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});
