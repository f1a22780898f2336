import { retryAfterMs } from '../retry.ts';

/**
 * What the headers X-RateLimit-Limit, -Remaining and -Reset tell of one counter of requests (n8n from 2.47.0 on; some
 * proxies send them too). n8n counts a request twice, for its endpoint and for all, and tells of the counter with the
 * fewest requests left, without saying which of the two that is.
 */
export interface Counter {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds since 1970 at which it begins again. */
  readonly resetAt: number;
}

/** The counter that an answer tells of; undefined where a header is missing or no number. */
export function counterIn(headers: Headers, now: number): Counter | undefined {
  const limit = numberIn(headers, 'x-ratelimit-limit');
  const remaining = numberIn(headers, 'x-ratelimit-remaining');
  const resetMs = millisecondsUntilReset(headers, now);
  if (limit === undefined || remaining === undefined || resetMs === undefined) return undefined;
  return { limit, remaining, resetAt: now + resetMs };
}

/** Resets are whole seconds, and answers take their time: two of one counter may be as far apart. Milliseconds. */
const SAME_RESET_MS = 2_000;

/** Whether two answers may tell of the same counter. Counters of one limit whose windows begin together look alike. */
export function mayBeSame(one: Counter, other: Counter): boolean {
  return one.limit === other.limit && Math.abs(one.resetAt - other.resetAt) <= SAME_RESET_MS;
}

function numberIn(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** Servers write the reset as seconds from now, or as seconds since 1970: no window lasts for 30 years. */
function millisecondsUntilReset(headers: Headers, now: number): number | undefined {
  const reset = numberIn(headers, 'x-ratelimit-reset');
  if (reset === undefined) return undefined;
  if (reset < 1e9) return reset * 1000;
  const serverNow = retryAfterMs(headers.get('date'), 0) ?? now;
  return Math.max(0, reset * 1000 - serverNow);
}
