/** All in milliseconds, but for the size. */
export interface Timeouts {
  /** Until an answer begins: the slowest list of n8n takes well below a second, a busy server some. */
  readonly headersMs: number;
  /** As headersMs, for package exports and imports, which n8n answers only when all the work is done. */
  readonly packageMs: number;
  /** Between two pieces of an answer. */
  readonly bodyIdleMs: number;
  /**
   * From there on where an answer has its turn (large-answers.ts) to its end, so that it does not keep others
   * waiting.
   */
  readonly largeBodyMs: number;
  /** From the first attempt of a request: no new one begins after it. An n8n restarts within this time. */
  readonly deadlineMs: number;
  /**
   * As deadlineMs, while nothing accepts the connection and nothing ever has: a typing error in the URL should not take
   * a minute. An instance that answered before is restarting: n8n 2.41.1 was away for 13 s (measured, 2 cores).
   */
  readonly connectDeadlineMs: number;
  /** As deadlineMs, while n8n answers 429 (its windows last a minute, and several requests share one) or migrates. */
  readonly rateLimitDeadlineMs: number;
  /**
   * The largest answer that is read, in bytes. A page of 250 workflows is 1.5 MB (docs/internal/n8n-api-notes.md,
   * Lists); where one is larger than this, smaller pages are asked for. n8n takes requests of 16 MB, so that one
   * workflow has 16 MB of draft and as much of a live version at most.
   */
  readonly maxBodyBytes: number;
}

/**
 * The timeouts of a client.
 * @param silenceMs the setting `timeout`, from which the waits for a silent server follow. n8n does all of a package's
 *   work before it answers, hence ten times as long for those. As long for a large answer: the largest one comes in
 *   that time by a line of 1 Mbit/s.
 */
export function timeoutsFor(silenceMs = 30_000): Timeouts {
  return {
    headersMs: silenceMs,
    packageMs: 10 * silenceMs,
    bodyIdleMs: silenceMs,
    largeBodyMs: 10 * silenceMs,
    deadlineMs: 60_000,
    connectDeadlineMs: 15_000,
    rateLimitDeadlineMs: 300_000,
    maxBodyBytes: 33 * 2 ** 20,
  };
}
