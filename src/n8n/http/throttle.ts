import PQueue from 'p-queue';
import type { Clock } from '../../lib/time.ts';
import { abortable } from '../../lib/abort.ts';
import { retryAfterMs } from './retry.ts';

export interface RateLimit {
  /** Requests at the same time. */
  readonly concurrency: number;
  /** Requests that begin in any one second; may be a fraction. */
  readonly requestsPerSecond: number;
}

/**
 * Four at a time: a detail costs n8n 7.4 ms at four and at eight alike (docs/internal/n8n-api-notes.md, Lists), so
 * that more would only make the editor of the people who work on the instance slower. 50 a second is below what one
 * process serves.
 */
export const DEFAULT_RATE_LIMIT: RateLimit = { concurrency: 4, requestsPerSecond: 50 };

/** The longest pause that X-RateLimit headers alone cause, in milliseconds: n8n's windows are of a minute. */
const MAX_HEADER_PAUSE_MS = 60_000;

/** Below this part of the limit what remains is spread over the time until the reset. */
const SLOW_DOWN_BELOW = 0.2;

/**
 * Whose turn it is. All requests of one instance go through one throttle: a pause (429, Retry-After) holds all of them,
 * because the server counts them together.
 */
export class Throttle {
  readonly #queue: PQueue;
  readonly #clock: Clock;
  #pausedUntil = 0;
  #pausedMs = 0;

  constructor(limit: RateLimit, clock: Clock) {
    const { concurrency, requestsPerSecond } = limit;
    const perSecond = requestsPerSecond >= 1;
    this.#clock = clock;
    this.#queue = new PQueue({
      concurrency,
      intervalCap: perSecond ? Math.floor(requestsPerSecond) : 1,
      interval: perSecond ? 1000 : Math.ceil(1000 / requestsPerSecond),
    });
  }

  /** Milliseconds for which requests were held back so far. */
  get pausedMs(): number {
    return this.#pausedMs;
  }

  /**
   * Runs a task when its turn has come and no pause holds. Later attempts of a request come before requests that have
   * not had any, so that its deadline does not pass in the queue.
   * @throws InterruptedError when the signal aborts first
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal, attempt = 1): Promise<T> {
    const inTurn = async (): Promise<T> => {
      await this.#waitForPause(signal);
      return task();
    };
    return abortable(this.#queue.add(inTurn, { priority: attempt }), signal);
  }

  /**
   * Holds every request that has not begun for this many milliseconds from now, or longer if a longer pause is
   * running.
   */
  pause(ms: number): void {
    const now = this.#clock.now();
    const from = Math.max(now, this.#pausedUntil);
    const until = Math.max(from, now + ms);
    this.#pausedMs += until - from;
    this.#pausedUntil = until;
  }

  /**
   * Slows down before the server has to refuse: what remains of the limit is spread over the time until it is reset,
   * once little remains. Headers: X-RateLimit-Limit, -Remaining, -Reset (n8n from 2.47.0 on).
   */
  observe(headers: Headers): void {
    const limit = numberIn(headers, 'x-ratelimit-limit');
    const remaining = numberIn(headers, 'x-ratelimit-remaining');
    const resetMs = millisecondsUntilReset(headers, this.#clock.now());
    if (limit === undefined || remaining === undefined || resetMs === undefined) return;
    if (remaining >= limit * SLOW_DOWN_BELOW) return;
    this.pause(Math.min(MAX_HEADER_PAUSE_MS, Math.ceil(resetMs / (remaining + 1))));
  }

  /** Pauses may be prolonged while one is waited for, hence the loop. */
  async #waitForPause(signal: AbortSignal): Promise<void> {
    for (;;) {
      const wait = this.#pausedUntil - this.#clock.now();
      if (wait <= 0) return;
      await this.#clock.sleep(wait, signal);
    }
  }
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
