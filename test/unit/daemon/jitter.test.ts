import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startCron } from '../../../src/daemon/cron.ts';
import { delayOf, type Jitter } from '../../../src/daemon/jitter.ts';
import { silentLogger } from '../../../src/lib/logger.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The delays of a fleet whose schedules have the same slots, so many milliseconds apart. */
function delaysOf(fleet: readonly { name: string; url: string }[], jitter: Jitter, gapMs: number): number[] {
  const slots = Array.from({ length: 5 }, (_, index) => new Date(index * gapMs));
  return fleet.map((instance) => delayOf(instance, jitter, slots));
}

const named = Array.from({ length: 20 }, (_, index) => ({ name: `n8n-${index}`, url: 'https://n8n.example.com' }));
const pods = Array.from({ length: 20 }, (_, index) => ({ name: 'default', url: `https://n8n-${index}.example.com` }));

describe('the delay of an instance', () => {
  it.each([
    ['names', named],
    ['URLs', pods],
  ])('the delay of an instance parts a fleet of twenty by its %s, and stays the same', (_what, fleet) => {
    const delays = delaysOf(fleet, 'auto', 15 * MINUTE);
    expect(new Set(delays.map((ms) => ms / 1000)).size).toBeGreaterThan(15);
    expect(Math.max(...delays)).toBeLessThan(90_000);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(60_000);
    expect(delaysOf(fleet, 'auto', 15 * MINUTE)).toEqual(delays);
  });

  it.each<[string, Jitter, number, number]>([
    ['a day', 'auto', 24 * HOUR, 5 * MINUTE],
    ['a minute', 'auto', MINUTE, 6_000],
    ['a second', 'auto', 1000, 1],
    ['an hour, set to 30 minutes', 30 * MINUTE, HOUR, 30 * MINUTE],
    ['a minute, set to more than that', HOUR, MINUTE, MINUTE],
    ['an hour, off', 0, HOUR, 1],
  ])('the delay of an instance with a run every %s (%s)', (_what, jitter, gapMs, below) => {
    const longest = Math.max(...delaysOf(named, jitter, gapMs));
    expect(longest).toBeLessThan(below);
    expect(longest).toBeGreaterThanOrEqual(below > 1 ? below / 2 : 0);
  });
});

describe('a schedule with a delay', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function start(run: () => Promise<void>) {
    vi.setSystemTime('2026-01-01T00:10:00Z');
    const names = { name: 'n8n-1 backup', instance: named[1]!, expression: '*/15 * * * *', timezone: 'UTC' };
    return startCron({ ...names, jitter: 'auto', logger: silentLogger, run });
  }

  it('a schedule with a delay runs that much later each time, and says so', async () => {
    const delayMs = delaysOf(named, 'auto', 15 * MINUTE)[1]!;
    const ran: number[] = [];
    const schedule = start(async () => void ran.push(Date.now()));
    const first = Date.parse('2026-01-01T00:15:00Z') + delayMs;
    expect(schedule.nextRun()).toBe(first);
    await vi.advanceTimersByTimeAsync(5 * MINUTE + 1000);
    expect(schedule.nextRun()).toBe(first);
    await vi.advanceTimersByTimeAsync(HOUR);
    schedule.stop();
    expect(ran).toEqual([0, 15, 30, 45].map((minutes) => first + minutes * MINUTE));
  });

  it('a schedule with a delay that is stopped within it does not run any more', async () => {
    let runs = 0;
    const schedule = start(async () => void runs++);
    await vi.advanceTimersByTimeAsync(5 * MINUTE + 1000);
    schedule.stop();
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(runs).toBe(0);
  });
});
