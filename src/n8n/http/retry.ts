/**
 * When to ask again. Pure: the time and the randomness come in as arguments.
 */
export interface RetryPolicy {
  /** Milliseconds; the longest wait before the first retry, doubled for each one after it. */
  readonly baseMs: number;
  /** Milliseconds; no single wait that flowkeep chooses itself is longer. */
  readonly capMs: number;
}

/**
 * 250 ms: a restarting n8n or a reset connection is often back by then, and a person does not notice the wait. 10 s:
 * an instance that needs about 10 s to start (docs/internal/n8n-api-notes.md, Scopes and errors) is met soon after it
 * is ready.
 */
export const DEFAULT_RETRY: RetryPolicy = { baseMs: 250, capMs: 10_000 };

export interface RetryState {
  /** How many attempts have failed: 1 after the first. */
  readonly failures: number;
  /** Milliseconds since 1970 at which the first attempt began. */
  readonly startedAt: number;
  readonly now: number;
  /** Milliseconds after `startedAt` beyond which nothing is tried again. */
  readonly deadlineMs: number;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * How many milliseconds to wait before the next attempt, or null to give up. A wait that the server asked for is kept
 * in full, and not begun where it would end after the deadline; a wait of our own is shortened to end at the deadline,
 * so that there is one last attempt then.
 * @param random from 0 up to, but not including, 1
 */
export function retryWait(policy: RetryPolicy, state: RetryState, random: number): number | null {
  const left = state.startedAt + state.deadlineMs - state.now;
  if (left <= 0) return null;
  if (state.retryAfterMs !== undefined) return state.retryAfterMs <= left ? state.retryAfterMs : null;
  return Math.min(backoff(policy, state.failures, random), left);
}

/** Exponential backoff with full jitter, so that clients that failed together do not come back together. */
function backoff(policy: RetryPolicy, failures: number, random: number): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(ceiling * random);
}

/**
 * The milliseconds that a `Retry-After` header asks for (seconds, or an HTTP date), or undefined where it says nothing
 * that can be understood. Never negative.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
