import fc from 'fast-check';
import { validate } from 'node-cron';
import { describe, expect, it } from 'vitest';
import { cronIssue } from '../../../src/config/cron.ts';
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
  ])('the configuration accepts %s', (expression) => {
    expect(cronIssue(expression)).toBeNull();
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
    ['5/10 * * * *', 'minute'],
    ['0 0 30 2 *', 'never run'],
    ['0 0 30-31 feb *', 'never run'],
    ['0 0 31 4,6,9,nov *', 'never run'],
  ])('the configuration refuses %s', (expression, place) => {
    expect(cronIssue(expression)?.message).toContain(place);
  });
});

describe('what is accepted', () => {
  it('node-cron accepts as well', () => {
    fc.assert(
      fc.property(fc.array(item(), { minLength: 5, maxLength: 6 }), (fields) => {
        const expression = fields.join(' ');
        fc.pre(cronIssue(expression) === null);
        expect(validate(expression), expression).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('is all that node-cron accepts of plain numbers, lists and ranges', () => {
    const field = fc.array(fc.integer({ min: 0, max: 13 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(field, { minLength: 5, maxLength: 6 }), (fields) => {
        const expression = fields.map((numbers) => numbers.join(',')).join(' ');
        expect(cronIssue(expression) === null, expression).toBe(validate(expression));
      }),
    );
  });
});

/** A field as people write it, or nearly: sometimes out of bounds. */
function item(): fc.Arbitrary<string> {
  const value = fc.oneof(fc.integer({ min: 0, max: 33 }).map(String), fc.constantFrom('mon', 'SUN', 'feb', 'dec'));
  const range = fc.oneof(
    { weight: 4, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: value },
    { weight: 2, arbitrary: fc.tuple(value, value).map(([from, to]) => `${from}-${to}`) },
  );
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    fc.integer({ min: 0, max: 40 }).map((n) => `/${n}`),
  );
  const one = fc.tuple(range, step).map(([text, by]) => text + by);
  return fc.array(one, { minLength: 1, maxLength: 2 }).map((items) => items.join(','));
}

describe('durations', () => {
  it.each([
    ['30s', 30_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['1y', 31_536_000_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  it.each(['7', 'd', '0d', '-1d', '1.5h', '7 d', '7days', '9999999d', ''])('the configuration refuses %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});
