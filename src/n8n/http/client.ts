// One instance's public API over HTTP: concurrency, retries, time limits, errors. It knows requests and
// answers, no kinds.

import type { Logger } from '../../lib/logger.ts';
import type { Secret } from '../../lib/secrets/secret.ts';
import { systemClock, type Clock } from '../../lib/time.ts';
import { anySignal } from '../../lib/abort.ts';
import { keyForHeader } from './api-key.ts';
import { classify, type Expected, type Classified } from './answer.ts';
import { isN8nError } from './errors.ts';
import { send, type HttpRequest } from './send.ts';
import { type RequestInfo, type Failure, finalError, maybeRun, nameOf } from './failure.ts';
import { encodeForm } from './form.ts';
import { hasManyValues, LargeResponseLock } from './large-answers.ts';
import { DEFAULT_RETRY, retryWait, type RetryPolicy } from './retry.ts';
import { endpointOf, type Endpoint } from './throttle/endpoint.ts';
import type { Held } from './throttle/holds.ts';
import { Throttle, type RateLimit } from './throttle/throttle.ts';
import { timeoutsFor, type Timeouts } from './timeouts.ts';
import type { ClientStats, N8nClient, RequestOptions, UploadFile, WriteOptions } from './types.ts';
import { normaliseUrl, requestUrl } from './url.ts';

/** Attempts at a request that n8n answers with a plain 500 or with broken JSON: it is likely to do so again. */
const SUSPECT_ATTEMPTS = 4;

/** Uploads get a millisecond more for every 100 bytes: a line of 1 Mbit/s is the slowest that is waited for. */
const UPLOAD_BYTES_PER_MS = 100;

export interface N8nClientOptions {
  /** As a user wrote it; see normaliseUrl. */
  readonly url: string;
  readonly apiKey: Secret;
  readonly rateLimit: RateLimit;
  /** For how many milliseconds n8n may be silent; ten times that for packages. Default: 30,000. */
  readonly timeout?: number;
  /** Single ones that differ from what follows from `timeout`. */
  readonly timeouts?: Partial<Timeouts>;
  readonly retry?: RetryPolicy;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly userAgent?: string;
  /** Aborts everything that this client does. */
  readonly signal?: AbortSignal;
}

/**
 * A client of one instance's public API.
 * @throws UsageError where the URL cannot be one, or the key cannot be a key
 */
export function createN8nClient(options: N8nClientOptions): N8nClient {
  keyForHeader(options.apiKey);
  return new HttpN8nClient(options);
}

interface Request {
  readonly requestInfo: RequestInfo;
  readonly endpoint: Endpoint;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly expected: Expected;
  /** Whether it may be sent again after it may have been done. */
  readonly repeatable: boolean;
  readonly headersMs: number;
  readonly options: RequestOptions;
}

/**
 * A value, or a failure with the milliseconds until the next attempt (null where there must be none) and what the
 * throttle holds until then.
 */
type Outcome =
  { readonly value: unknown } | { readonly failure: Failure; readonly wait: number | null; readonly held?: Held };

/** What the server asked for holds other requests too; a wait of our own holds the one request alone. */
function holdsOthers({ again, retryAfterMs }: Failure): boolean {
  return again === 'not-run' || retryAfterMs !== undefined;
}

class HttpN8nClient implements N8nClient {
  readonly url: string;
  readonly #apiKey: Secret;
  readonly #throttle: Throttle;
  readonly #timeouts: Timeouts;
  readonly #retry: RetryPolicy;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #userAgent: string;
  /** Whether this client has had an answer of n8n: the URL and the key are right then. */
  #met = false;
  readonly #closed = new AbortController();
  readonly #signal: AbortSignal;
  readonly #counts = { requests: 0, retries: 0, bytesReceived: 0, bytesSent: 0 };

  constructor(options: N8nClientOptions) {
    this.url = normaliseUrl(options.url);
    this.#apiKey = options.apiKey;
    this.#clock = options.clock ?? systemClock;
    this.#throttle = new Throttle(options.rateLimit, this.#clock);
    this.#timeouts = { ...timeoutsFor(options.timeout), ...options.timeouts };
    this.#retry = options.retry ?? DEFAULT_RETRY;
    this.#logger = options.logger;
    this.#userAgent = options.userAgent ?? 'flowkeep';
    this.#signal = anySignal(options.signal, this.#closed.signal);
  }

  get stats(): Readonly<ClientStats> {
    return { ...this.#counts, pausedMs: this.#throttle.pausedMs };
  }

  get(path: string, options: RequestOptions = {}): Promise<unknown> {
    return this.#send(this.#json('GET', path, undefined, options, true));
  }

  post(path: string, body: unknown, options: WriteOptions = {}): Promise<unknown> {
    return this.#send(this.#json('POST', path, body, options, options.idempotent ?? false));
  }

  put(path: string, body: unknown, options: WriteOptions = {}): Promise<unknown> {
    return this.#send(this.#json('PUT', path, body, options, options.idempotent ?? true));
  }

  patch(path: string, body: unknown, options: WriteOptions = {}): Promise<unknown> {
    return this.#send(this.#json('PATCH', path, body, options, options.idempotent ?? false));
  }

  delete(path: string, options: WriteOptions = {}): Promise<unknown> {
    return this.#send(this.#json('DELETE', path, undefined, options, options.idempotent ?? true));
  }

  async exportBytes(path: string, body: unknown, options: RequestOptions = {}): Promise<Uint8Array> {
    const request = this.#json('POST', path, body, options, true);
    const headersMs = options.timeoutMs ?? this.#timeouts.packageMs;
    return (await this.#send({ ...request, expected: 'bytes', headersMs })) as Uint8Array;
  }

  async getText(path: string, options: RequestOptions = {}): Promise<string> {
    return (await this.#send({
      ...this.#json('GET', path, undefined, options, true),
      expected: 'text',
    })) as string;
  }

  async upload(
    path: string,
    form: { readonly fields: Readonly<Record<string, string>>; readonly file: UploadFile },
    options: WriteOptions = {},
  ): Promise<unknown> {
    const encoded = await encodeForm(form.fields, form.file);
    const request = this.#json('POST', path, undefined, options, options.idempotent ?? false);
    const headersMs = options.timeoutMs ?? this.#timeouts.packageMs + encoded.body.length / UPLOAD_BYTES_PER_MS;
    const headers = { 'content-type': encoded.type };
    return this.#send({ ...request, headers, body: encoded.body, headersMs });
  }

  close(): Promise<void> {
    this.#closed.abort();
    return Promise.resolve();
  }

  #json(method: string, path: string, body: unknown, options: RequestOptions, repeatable: boolean): Request {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sending = (text?.length ?? 0) / UPLOAD_BYTES_PER_MS;
    return {
      requestInfo: { method, path, base: this.url },
      endpoint: endpointOf(method, path),
      url: requestUrl(this.url, path, options.query),
      headers: text === undefined ? {} : { 'content-type': 'application/json' },
      ...(text === undefined ? {} : { body: text }),
      expected: 'json',
      repeatable,
      headersMs: options.timeoutMs ?? this.#timeouts.headersMs + sending,
      options,
    };
  }

  /** Attempts a request until it succeeds, or until nothing more may be tried. */
  async #send(request: Request): Promise<unknown> {
    const signal = anySignal(this.#signal, request.options.signal);
    // The deadline begins with the first attempt: thousands of requests may be waiting for their turn before it.
    let startedAt = this.#clock.now();
    let lost = false;
    for (let failures = 1; ; failures++) {
      const turn = (): Promise<Outcome> => {
        if (failures === 1) startedAt = this.#clock.now();
        return this.#takeTurn(request, failures, startedAt, signal);
      };
      const outcome = await this.#throttle.run(turn, { endpoint: request.endpoint, signal, attempt: failures });
      if ('value' in outcome) return outcome.value;
      const { failure, wait, held } = outcome;
      // What an earlier attempt deleted, although its answer was lost, is not there any more.
      if (lost && request.requestInfo.method === 'DELETE' && failure.error.kind === 'not-found') return null;
      if (wait === null) {
        throw finalError(failure, request.repeatable, failures, this.#clock.now() - startedAt);
      }
      lost ||= maybeRun(failure.again);
      this.#counts.retries++;
      const fields = {
        request: nameOf(request.requestInfo),
        failures,
        waitMs: wait,
        kind: failure.error.kind,
        ...(held === undefined ? {} : { held }),
      };
      this.#logger.warn(fields, `trying again: ${failure.error.message}`);
      if (held === undefined) await this.#clock.sleep(wait, signal);
    }
  }

  /** One attempt. A pause that the server asks for begins before the next request gets its turn. */
  async #takeTurn(request: Request, failures: number, startedAt: number, signal: AbortSignal): Promise<Outcome> {
    const outcome = await this.#attempt(request, signal);
    if ('value' in outcome) {
      this.#met = true;
      return outcome;
    }
    const { failure } = outcome;
    const wait = this.#waitBeforeRetry(request, failure, failures, startedAt);
    if (wait === null || !holdsOthers(failure)) return { failure, wait };
    return { failure, wait, held: this.#throttle.refused(request.endpoint, wait, failure.counter) };
  }

  async #attempt(request: Request, signal: AbortSignal): Promise<Classified> {
    const { turn = new LargeResponseLock() } = request.options;
    try {
      const classified = await this.#ask(request, turn, signal);
      if ('failure' in classified) turn.release();
      else if (request.options.turn === undefined) turn.releaseSoon();
      return classified;
    } catch (error) {
      turn.release();
      throw error;
    }
  }

  async #ask(request: Request, turn: LargeResponseLock, signal: AbortSignal): Promise<Classified> {
    const began = this.#clock.now();
    const answer = await send(this.#outgoing(request), turn, signal);
    this.#counts.requests++;
    this.#counts.bytesSent += Buffer.byteLength(request.body ?? '');
    if ('error' in answer) return { failure: answer };
    this.#counts.bytesReceived += answer.body.byteLength;
    this.#throttle.observe(request.endpoint, answer.headers);
    request.options.onAnswer?.({ date: dateOf(answer.headers) });
    const fields = {
      request: nameOf(request.requestInfo),
      status: answer.status,
      ms: this.#clock.now() - began,
    };
    this.#logger.debug(fields, 'n8n answered');
    if (request.expected === 'json' && hasManyValues(answer.body)) await turn.take(signal);
    const classified = classify(answer, request.requestInfo, request.expected, this.#clock.now());
    return 'value' in classified ? checked(classified, request.options.check) : classified;
  }

  #outgoing(request: Request): HttpRequest {
    const headers = new Headers({
      accept: request.expected === 'json' ? 'application/json' : '*/*',
      'user-agent': this.#userAgent,
      ...request.headers,
      'x-n8n-api-key': keyForHeader(this.#apiKey),
    });
    const { requestInfo, url, body, headersMs } = request;
    return { requestInfo, url, headers, body, timeouts: { ...this.#timeouts, headersMs } };
  }

  #waitBeforeRetry(request: Request, failure: Failure, failures: number, startedAt: number): number | null {
    const deadlineMs = this.#deadlineFor(request, failure, failures);
    if (deadlineMs === null) return null;
    const { retryAfterMs } = failure;
    const state = { failures, startedAt, now: this.#clock.now(), deadlineMs, retryAfterMs };
    return retryWait(this.#retry, state, this.#clock.random());
  }

  /** How long after the first attempt a request may be attempted again, or null where it must not be at all. */
  #deadlineFor(request: Request, { again }: Failure, failures: number): number | null {
    if (again === 'no' || (again === 'wrong-server' && !this.#met)) return null;
    if (again === 'not-sent' && !this.#met) return this.#timeouts.connectDeadlineMs;
    if (again === 'not-run') return this.#timeouts.rateLimitDeadlineMs;
    if (again === 'not-sent') return this.#timeouts.deadlineMs;
    if (!request.repeatable) return null;
    return again !== 'unknown-outcome' && failures >= SUSPECT_ATTEMPTS ? null : this.#timeouts.deadlineMs;
  }
}

/** The judgement of an answer that the caller has looked at, too. */
async function checked(classified: { readonly value: unknown }, check: RequestOptions['check']): Promise<Classified> {
  try {
    await check?.(classified.value);
    return classified;
  } catch (error) {
    if (!isN8nError(error, 'invalid-answer')) throw error;
    return { failure: { error, again: 'suspect' } };
  }
}

function dateOf(headers: Headers): number | undefined {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? undefined : date;
}
