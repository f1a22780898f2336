import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchClock } from '../../../src/daemon/clock-watch.ts';
import { startCron, type CronSchedule } from '../../../src/daemon/cron.ts';
import { zoneFor } from '../../../src/daemon/zones.ts';
import { silentLogger } from '../../../src/lib/logger.ts';

const INSTANCE = { name: 'prod', url: 'https://n8n.example.com' };
const HOUR = 3_600_000;
const MINUTE = 60_000;
let schedules: CronSchedule[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  for (const schedule of schedules) schedule.stop();
  schedules = [];
  vi.useRealTimers();
});

/** Starts a schedule at an instant and notes when it runs, in local time. */
function start(expression: string, timezone: string, at: string, run = async () => {}): string[] {
  vi.setSystemTime(at);
  const times: string[] = [];
  const format = new Intl.DateTimeFormat('sv', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  schedules.push(
    startCron({
      ...{ name: 'prod backup', expression, timezone, instance: INSTANCE, jitter: 0, logger: silentLogger },
      run: async () => {
        times.push(format.format(Date.now()));
        await run();
      },
    }),
  );
  return times;
}

describe('when the clocks go forward (Berlin, 29 March 2026, 02:00 to 03:00)', () => {
  const before = '2026-03-28T12:00:00Z';

  it('a run in the hour that does not exist happens once, an hour later', async () => {
    const times = start('30 2 * * *', 'Europe/Berlin', before);
    await vi.advanceTimersByTimeAsync(48 * HOUR);
    expect(times).toEqual(['2026-03-29 03:30:00', '2026-03-30 02:30:00']);
  });

  it('a run outside of it happens once, at its time', async () => {
    const times = start('15 3 * * *', 'Europe/Berlin', before);
    await vi.advanceTimersByTimeAsync(48 * HOUR);
    expect(times).toEqual(['2026-03-29 03:15:00', '2026-03-30 03:15:00']);
  });

  it('runs that meet because of the change are one', async () => {
    const times = start('0 2,3 * * *', 'Europe/Berlin', before);
    await vi.advanceTimersByTimeAsync(24 * HOUR);
    expect(times).toEqual(['2026-03-29 03:00:00']);
  });

  it('every quarter of an hour stays every quarter of an hour', async () => {
    const times = start('*/15 * * * *', 'Europe/Berlin', '2026-03-29T00:50:00Z');
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(times.map((time) => time.slice(11, 16))).toEqual(['03:00', '03:15', '03:30', '03:45']);
  });
});

describe('when the clocks go back (Berlin, 25 October 2026, 03:00 to 02:00)', () => {
  it('a run in the hour that comes twice happens once', async () => {
    const times = start('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z');
    await vi.advanceTimersByTimeAsync(48 * HOUR);
    expect(times).toEqual(['2026-10-25 02:30:00', '2026-10-26 02:30:00']);
  });

  it('every quarter of an hour goes on through both', async () => {
    const times = start('*/15 * * * *', 'Europe/Berlin', '2026-10-25T00:14:00Z');
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(times).toHaveLength(8);
  });
});

describe('other zones', () => {
  it.each([
    ['*/15 * * * *', 'Europe/Berlin', 'UTC'],
    ['*/5 * * * * *', 'America/New_York', 'UTC'],
    ['0 2 * * *', 'Europe/Berlin', 'Europe/Berlin'],
    ['0 * * * 1-5', 'Europe/Berlin', 'Europe/Berlin'],
    ['0 * * * *', 'Asia/Kolkata', 'Asia/Kolkata'],
    ['0 * * * *', 'Australia/Lord_Howe', 'Australia/Lord_Howe'],
  ])('%s in %s runs in %s', (expression, timezone, zone) => {
    expect(zoneFor(expression, timezone)).toBe(zone);
  });

  it('shifts of half an hour and of two hours are bridged', async () => {
    const half = start('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z');
    await vi.advanceTimersByTimeAsync(24 * HOUR);
    expect(half).toEqual(['2026-10-04 02:45:00']);
    const two = start('30 1 * * *', 'Antarctica/Troll', '2026-03-28T12:00:00Z');
    await vi.advanceTimersByTimeAsync(24 * HOUR);
    expect(two).toEqual(['2026-03-29 03:30:00']);
  });
});

describe('a schedule', () => {
  it('a schedule leaves a slot out while the run before it goes on', async () => {
    const times = start(
      '* * * * *',
      'UTC',
      '2026-01-01T00:00:30Z',
      () => new Promise((resolve) => setTimeout(resolve, 150_000)),
    );
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    expect(times.map((time) => time.slice(11, 16))).toEqual(['00:01', '00:04']);
  });

  it('a schedule knows its longest pause, over a weekend too', () => {
    start('0 2 * * 1-5', 'UTC', '2026-01-06T00:00:00Z');
    expect(schedules[0]?.periodMs).toBe(72 * HOUR);
  });

  it('a schedule says when it runs next', () => {
    start('0 2 * * *', 'Europe/Berlin', '2026-01-06T00:00:00Z');
    expect(new Date(schedules[0]!.nextRun()!).toISOString()).toBe('2026-01-06T01:00:00.000Z');
  });
});

describe('when the clock is set', () => {
  /** As the daemon does it: after a leap every schedule begins again. */
  function watch(): { leaps: number[]; end: () => void } {
    const leaps: number[] = [];
    const watching = watchClock((ms) => {
      leaps.push(Math.round(ms / MINUTE));
      for (const schedule of schedules) schedule.restart();
    });
    return { leaps, end: () => watching[Symbol.dispose]() };
  }

  it('a year back, runs go on by the new clock', async () => {
    const times = start('0 * * * *', 'UTC', '2027-06-01T12:30:00Z');
    const { leaps, end } = watch();
    await vi.advanceTimersByTimeAsync(MINUTE);
    vi.setSystemTime('2026-06-01T12:31:00Z');
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(times).toEqual(['2026-06-01 13:00:00', '2026-06-01 14:00:00']);
    expect(leaps).toEqual([-365 * 24 * 60]);
    end();
  });

  it('ten hours forward, no run is hours late and none comes twice', async () => {
    const times = start('0 * * * *', 'UTC', '2026-06-01T12:10:00Z');
    const { leaps, end } = watch();
    vi.setSystemTime('2026-06-01T22:10:00Z');
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(times).toEqual(['2026-06-01 23:00:00', '2026-06-02 00:00:00']);
    expect(leaps).toEqual([600]);
    end();
  });

  it('small corrections are no leap', async () => {
    const { leaps, end } = watch();
    vi.setSystemTime(Date.now() + 1_500);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(leaps).toEqual([]);
    end();
  });
});
