import { describe, expect, it } from 'vitest';
import { periodNamer } from '../../../src/store/period.ts';

describe('periodNamer', () => {
  it.each([
    ['day', 'UTC', '2026-11-23T23:30:00Z', '2026-11-23'],
    ['day', 'Europe/Berlin', '2026-11-23T23:30:00Z', '2026-11-24'],
    ['day', 'America/New_York', '2026-11-23T03:30:00Z', '2026-11-22'],
    ['month', 'Asia/Kolkata', '2026-11-30T18:45:00Z', '2026-12'],
    ['year', 'Pacific/Auckland', '2026-12-31T12:00:00Z', '2027'],
  ] as const)('periodNamer names the %s in %s of %s', (period, timezone, time, name) => {
    expect(periodNamer(period, timezone)(new Date(time))).toBe(name);
  });

  it.each([
    ['2026-11-22', '2026-W47'],
    ['2026-11-23', '2026-W48'],
    ['2027-01-01', '2026-W53'],
    ['2027-01-04', '2027-W01'],
    ['2024-12-30', '2025-W01'],
    ['2021-01-03', '2020-W53'],
  ])('periodNamer counts weeks as ISO 8601 does: %s is in %s', (date, week) => {
    expect(periodNamer('week', 'UTC')(new Date(`${date}T12:00:00Z`))).toBe(week);
  });

  it('periodNamer tells the two hours apart that the end of daylight-saving time repeats', () => {
    const nameOf = periodNamer('hour', 'Europe/Berlin');
    const before = nameOf(new Date('2026-10-25T00:30:00Z'));
    const after = nameOf(new Date('2026-10-25T01:30:00Z'));

    expect(before).toMatch(/^2026-10-25 02h/);
    expect(after).toMatch(/^2026-10-25 02h/);
    expect(before).not.toBe(after);
  });
});
