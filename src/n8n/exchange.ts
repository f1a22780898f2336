import { InterruptedError } from '../lib/errors.ts';
import type { Answer } from './answer.ts';
import { N8nError } from './errors.ts';
import { type Asked, type Failure, nameOf } from './failure.ts';
import { networkFailure, timeoutFailure } from './network.ts';

/** One HTTP request, ready to be sent. */
export interface Outgoing {
  readonly asked: Asked;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array | undefined;
  readonly headersMs: number;
  readonly bodyIdleMs: number;
  readonly maxBodyBytes: number;
}

/**
 * Sends one request with Node's fetch, once, and reads the whole answer. Redirects are not followed.
 * @returns the answer, whatever its status, or a failure where no complete one came
 * @throws InterruptedError when the signal aborts
 */
export async function exchange(outgoing: Outgoing, signal: AbortSignal): Promise<Answer | Failure> {
  const watchdog = new Watchdog(outgoing, signal);
  try {
    const response = await fetch(outgoing.url, {
      method: outgoing.asked.method,
      headers: outgoing.headers,
      redirect: 'manual',
      signal: watchdog.signal,
      ...(outgoing.body === undefined ? {} : { body: outgoing.body }),
    });
    return await readAnswer(response, outgoing, watchdog);
  } catch (error) {
    if (signal.aborted) throw new InterruptedError();
    return watchdog.expired ?? networkFailure(error, outgoing.asked);
  } finally {
    watchdog.stop();
  }
}

async function readAnswer(
  response: Response,
  outgoing: Outgoing,
  watchdog: Watchdog,
): Promise<Answer | Failure> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  watchdog.watchBody();
  // The types of fetch's body leave its chunks open; they are always bytes.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    watchdog.wentOn();
    size += chunk.byteLength;
    if (size > outgoing.maxBodyBytes) return tooMuch(outgoing, response.status);
    chunks.push(chunk);
  }
  return { status: response.status, headers: response.headers, body: Buffer.concat(chunks, size) };
}

function tooMuch({ asked, maxBodyBytes }: Outgoing, status: number): Failure {
  const reason = `the answer is larger than ${Math.round(maxBodyBytes / 2 ** 20)} MB`;
  const message = `${nameOf(asked)}: ${reason}`;
  const remedy = 'flowkeep stops reading there to stay within its memory. Check that the URL leads to n8n.';
  return {
    error: new N8nError('invalid-answer', message, { status, request: nameOf(asked), reason, remedy }),
    again: 'no',
  };
}

/** Aborts a request whose answer does not begin, or stops coming. Its timer is a real one: sockets are, too. */
class Watchdog {
  readonly signal: AbortSignal;
  readonly #outgoing: Outgoing;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #expired: Failure | undefined;

  constructor(outgoing: Outgoing, signal: AbortSignal) {
    this.#outgoing = outgoing;
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
    this.#arm('headers', outgoing.headersMs);
  }

  /** The failure to report, once this aborted the request. */
  get expired(): Failure | undefined {
    return this.#expired;
  }

  /** The answer has begun. */
  watchBody(): void {
    this.#arm('body', this.#outgoing.bodyIdleMs);
  }

  /** Another piece of it came: the time begins anew. A long answer has hundreds, hence no new timer. */
  wentOn(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(what: 'headers' | 'body', ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#expired = timeoutFailure(what, ms, this.#outgoing.asked);
      this.#controller.abort();
    }, ms);
  }
}
