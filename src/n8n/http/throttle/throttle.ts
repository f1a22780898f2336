import PQueue from 'p-queue';
import { abortable } from '../../../lib/abort.ts';
import type { Clock } from '../../../lib/time.ts';
import { type Counter, counterIn } from './counter.ts';
import type { Endpoint } from './endpoint.ts';
import { type Held, Holds } from './holds.ts';

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

/** One attempt at a request, as its turn depends on it. */
export interface Turn {
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
}

/** Of a turn that came while its endpoint was held: it takes no place from others. */
const NOT_YET = Symbol('not yet');

/**
 * Whose turn it is. All requests of one instance go through one throttle, and what a server refuses holds others:
 *
 * - n8n before 2.47 has no limits, so that a 429 or a `Retry-After` comes from a proxy, a CDN or an n8n that migrates
 *   its database. These count or refuse all requests together, and hold the whole instance.
 * - n8n from 2.47 on counts reads and writes apart, each for every endpoint and for all of them. What it refuses
 *   carries Retry-After and X-RateLimit-Limit, -Remaining and -Reset, and holds the endpoint alone, or all reads (or
 *   writes) as soon as two endpoints were refused by what may be one counter (Holds).
 *
 * A proxy that sends all four headers is met like n8n: it refuses one more request, and has its pause then.
 *
 * Each endpoint has a lane, which lets no more requests into the common queue than may run at the same time: so what
 * waits for a held endpoint fills neither the places nor the rate of the others, and a short list need not wait behind
 * a thousand details.
 */
export class Throttle {
  readonly #queue: PQueue;
  readonly #lanes = new Map<string, PQueue>();
  readonly #laneWidth: number;
  readonly #clock: Clock;
  readonly #holds: Holds;

  constructor(limit: RateLimit, clock: Clock) {
    const { concurrency, requestsPerSecond } = limit;
    const perSecond = requestsPerSecond >= 1;
    this.#clock = clock;
    this.#holds = new Holds(clock);
    this.#laneWidth = concurrency;
    this.#queue = new PQueue({
      concurrency,
      intervalCap: perSecond ? Math.floor(requestsPerSecond) : 1,
      interval: perSecond ? 1000 : Math.ceil(1000 / requestsPerSecond),
    });
  }

  /** Milliseconds for which requests were held back so far. */
  get pausedMs(): number {
    return this.#holds.totalMs;
  }

  /**
   * Runs a task when its turn has come and nothing holds its endpoint. Later attempts of a request come before requests
   * that have not had any, so that its deadline does not pass in the queue.
   * @throws InterruptedError when the signal aborts first
   */
  run<T>(task: () => Promise<T>, turn: Turn): Promise<T> {
    const priority = turn.attempt;
    return abortable(
      this.#laneOf(turn.endpoint).add(() => this.#inTurn(task, turn), { priority }),
      turn.signal,
    );
  }

  /**
   * After a request to an endpoint was refused for now.
   * @param counter of n8n's own limit that did so, if it was one
   * @returns what is held: what has not begun waits for this many milliseconds from now, or longer if it has to already
   */
  refused(endpoint: Endpoint, ms: number, counter: Counter | undefined): Held {
    if (counter !== undefined) return this.#holds.holdCounted(endpoint, ms, counter);
    this.#holds.hold('instance', ms);
    return 'instance';
  }

  /**
   * Slows an endpoint down before the server has to refuse: what remains of the limit is spread over the time until it
   * is reset, once little remains. A limit that several endpoints share shows in the answers of each.
   */
  observe(endpoint: Endpoint, headers: Headers): void {
    const now = this.#clock.now();
    const counter = counterIn(headers, now);
    if (counter === undefined || counter.remaining >= counter.limit * SLOW_DOWN_BELOW) return;
    const { remaining, resetAt } = counter;
    const ms = Math.min(MAX_HEADER_PAUSE_MS, Math.ceil((resetAt - now) / (remaining + 1)));
    if (remaining === 0) this.#holds.holdCounted(endpoint, ms, counter);
    else this.#holds.hold(endpoint.name, ms);
  }

  async #inTurn<T>(task: () => Promise<T>, { endpoint, signal, attempt }: Turn): Promise<T> {
    for (;;) {
      await this.#waitForHold(endpoint, signal);
      const attemptNow = async (): Promise<T | typeof NOT_YET> => (this.#holds.left(endpoint) > 0 ? NOT_YET : task());
      const outcome = await this.#queue.add(attemptNow, { priority: attempt });
      if (outcome !== NOT_YET) return outcome;
    }
  }

  /** Holds may be prolonged while one is waited for, hence the loop. */
  async #waitForHold(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
    for (;;) {
      const wait = this.#holds.left(endpoint);
      if (wait <= 0) return;
      await this.#clock.sleep(wait, signal);
    }
  }

  #laneOf({ name }: Endpoint): PQueue {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const made = new PQueue({ concurrency: this.#laneWidth });
    this.#lanes.set(name, made);
    return made;
  }
}
