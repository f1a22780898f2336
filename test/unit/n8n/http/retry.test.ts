import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RETRY, retryAfterMs, retryWait } from '../../../../src/n8n/http/retry.ts';

describe('retryWait', () => {
  const state = { failures: 1, startedAt: 1000, now: 1000, deadlineMs: 60_000 };

  it('retryWait doubles the longest wait with each failure, up to the cap', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((failures) =>
      retryWait(DEFAULT_RETRY, { ...state, failures }, 1 - Number.EPSILON),
    );
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });

  it('retryWait never waits beyond the deadline, nor longer than the cap', () => {
    const numbers = fc.record({
      failures: fc.integer({ min: 1, max: 2000 }),
      elapsed: fc.integer({ min: 0, max: 120_000 }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    fc.assert(
      fc.property(numbers, ({ failures, elapsed, random }) => {
        const wait = retryWait(DEFAULT_RETRY, { ...state, failures, now: 1000 + elapsed }, random);
        if (elapsed >= 60_000) return wait === null;
        return wait !== null && wait >= 0 && wait <= DEFAULT_RETRY.capMs && elapsed + wait <= 60_000;
      }),
    );
  });

  it('retryWait waits as long as the server asks, or not at all where that ends after the deadline', () => {
    expect(retryWait(DEFAULT_RETRY, { ...state, retryAfterMs: 42_000 }, 0)).toBe(42_000);
    expect(retryWait(DEFAULT_RETRY, { ...state, retryAfterMs: 61_000 }, 0)).toBeNull();
  });
});

describe('retryAfterMs', () => {
  const now = Date.parse('2026-01-15T12:00:00Z');

  it.each([
    ['0', 0],
    ['120', 120_000],
    ['1.5', 1500],
    ['Thu, 15 Jan 2026 12:00:30 GMT', 30_000],
    ['Thu, 15 Jan 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    [null, undefined],
  ])('%s', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});
