import { InterruptedError } from '../../lib/errors.ts';
import type { Answer } from './answer.ts';
import { Body } from './body.ts';
import type { RequestInfo, Failure } from './failure.ts';
import { type LargeResponseLock, LARGE_BYTES } from './large-answers.ts';
import { networkFailure, type Silence, timeoutFailure } from './network.ts';
import type { Timeouts } from './timeouts.ts';
import { tooLarge } from './too-large.ts';

/** One HTTP request, ready to be sent. */
export interface HttpRequest {
  readonly requestInfo: RequestInfo;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array | undefined;
  /** As those of the client, but that some requests are given longer until their answer begins. */
  readonly timeouts: Pick<Timeouts, 'headersMs' | 'bodyIdleMs' | 'largeBodyMs' | 'maxBodyBytes'>;
}

/**
 * Sends one request with Node's fetch, once, and reads the whole answer. Redirects are not followed.
 * @param turn is taken before much of a large answer is read, and left to the caller to release
 * @returns the answer, whatever its status, or a failure where no complete one came
 * @throws InterruptedError when the signal aborts
 */
export async function send(
  outgoing: HttpRequest,
  turn: LargeResponseLock,
  signal: AbortSignal,
): Promise<Answer | Failure> {
  const watchdog = new Watchdog(outgoing, signal);
  try {
    const response = await fetch(outgoing.url, {
      method: outgoing.requestInfo.method,
      headers: outgoing.headers,
      redirect: 'manual',
      signal: watchdog.signal,
      ...(outgoing.body === undefined ? {} : { body: outgoing.body }),
    });
    return await readAnswer(response, outgoing, watchdog, turn);
  } catch (error) {
    if (signal.aborted) throw new InterruptedError();
    return watchdog.expired ?? networkFailure(error, outgoing.requestInfo);
  } finally {
    watchdog.stop();
  }
}

async function readAnswer(
  response: Response,
  outgoing: HttpRequest,
  watchdog: Watchdog,
  turn: LargeResponseLock,
): Promise<Answer | Failure> {
  const { maxBodyBytes } = outgoing.timeouts;
  const body = new Body(maxBodyBytes);
  let size = 0;
  let isLarge = false;
  watchdog.watchBody();
  // The types of fetch's body leave its chunks open; they are always bytes.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    watchdog.wentOn();
    size += chunk.byteLength;
    if (size > maxBodyBytes) return tooLarge(outgoing.requestInfo, response.status, moreThan(maxBodyBytes));
    body.add(chunk);
    if (isLarge || size <= LARGE_BYTES) continue;
    isLarge = true;
    watchdog.pause();
    await turn.take(watchdog.signal);
    watchdog.watchLargeBody();
    body.grow();
  }
  return { status: response.status, headers: response.headers, body: body.bytes() };
}

function moreThan(bytes: number): string {
  return `the answer is larger than ${Math.round(bytes / 2 ** 20)} MB`;
}

/** Aborts a request whose answer does not begin, or stops coming. Its timer is a real one: sockets are, too. */
class Watchdog {
  readonly signal: AbortSignal;
  readonly #outgoing: HttpRequest;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #wholeTimer: NodeJS.Timeout | undefined;
  #expired: Failure | undefined;

  constructor(outgoing: HttpRequest, signal: AbortSignal) {
    this.#outgoing = outgoing;
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
    this.#timer = this.#expireAfter('headers', outgoing.timeouts.headersMs);
  }

  /** The failure to report, once this aborted the request. */
  get expired(): Failure | undefined {
    return this.#expired;
  }

  /** The answer has begun. */
  watchBody(): void {
    this.pause();
    this.#timer = this.#expireAfter('body', this.#outgoing.timeouts.bodyIdleMs);
  }

  /** It has turned out to be large: it must not only go on, but end in time, since others wait for it. */
  watchLargeBody(): void {
    this.watchBody();
    this.#wholeTimer = this.#expireAfter('large-body', this.#outgoing.timeouts.largeBodyMs);
  }

  /** Nobody reads for a while, and the server is not to blame. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Another piece of it came: the time starts again. A long answer has hundreds, hence no new timer. */
  wentOn(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#wholeTimer);
  }

  #expireAfter(what: Silence, ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#expired = timeoutFailure(what, ms, this.#outgoing.requestInfo);
      this.#controller.abort();
    }, ms);
  }
}
