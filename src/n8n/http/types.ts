import { N8nError } from './errors.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import type { LargeResponseLock } from './large-answers.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestOptions {
  readonly query?: Query;
  readonly signal?: AbortSignal;
  /** Milliseconds until the answer must have begun, where the default does not fit: a source-control pull. */
  readonly timeoutMs?: number;
  /** Called with every complete answer. `date`: its Date header, in milliseconds since 1970. */
  readonly onAnswer?: (answer: { readonly date: number | undefined }) => void;
  /**
   * Looks at the value of every answer. Throws N8nError `invalid-answer` where it is none that n8n gives: what a proxy
   * made of it is likely to be gone the next time, so that the request is sent again a few times where that is safe.
   */
  readonly check?: (value: unknown) => void | Promise<void>;
  /**
   * Lasts, where the answer is large, until the caller releases it, which a failure takes from nobody. A caller that
   * has one must not wait for another answer. Default: it ends as soon as those who work on the value at once are
   * done.
   */
  readonly turn?: LargeResponseLock;
}

export interface WriteOptions extends RequestOptions {
  /**
   * Whether sending it twice ends in the same state as sending it once. Only then is it sent again after an answer
   * was lost. Default: true for PUT and DELETE, false for POST and PATCH.
   */
  readonly idempotent?: boolean;
}

/** Numbers of what a client did so far, for summaries and metrics. */
export interface ClientStats {
  requests: number;
  retries: number;
  /** Bytes of answers as received (decompressed). */
  bytesReceived: number;
  bytesSent: number;
  /** Milliseconds for which requests, of one endpoint or all, were held back by 429 or rate-limit headers. */
  pausedMs: number;
}

/**
 * One instance's public API. Every request waits for its turn (concurrency, requests per second, pauses by 429), is
 * retried as http/retry.ts says, and ends in an N8nError or, after an abort, an InterruptedError.
 * Paths begin with a slash and are relative to `/api/v1`. Segments that come from data go through `segment()`.
 * Answers are JSON, parsed without changing a number (lib/json.ts); an empty body gives null.
 */
export interface N8nClient {
  /** The base URL without `/api/v1`, credentials or a trailing slash: safe to print. */
  readonly url: string;
  readonly stats: Readonly<ClientStats>;
  get(path: string, options?: RequestOptions): Promise<unknown>;
  post(path: string, body: unknown, options?: WriteOptions): Promise<unknown>;
  put(path: string, body: unknown, options?: WriteOptions): Promise<unknown>;
  patch(path: string, body: unknown, options?: WriteOptions): Promise<unknown>;
  delete(path: string, options?: WriteOptions): Promise<unknown>;
  /** POST of a JSON body that answers with bytes: a package export. Retried as a read, since it changes nothing. */
  exportBytes(path: string, body: unknown, options?: RequestOptions): Promise<Uint8Array>;
  /** POST of a multipart form: a package import. `fields` are text fields, `file` the upload. Not retried once sent. */
  upload(
    path: string,
    form: { readonly fields: Readonly<Record<string, string>>; readonly file: UploadFile },
    options?: WriteOptions,
  ): Promise<unknown>;
  /** Text of an answer that is no JSON: `/openapi.yml`. */
  getText(path: string, options?: RequestOptions): Promise<string>;
  /** Ends the connections. */
  close(): Promise<void>;
}

export interface UploadFile {
  readonly field: string;
  readonly fileName: string;
  readonly content: Uint8Array;
}

/**
 * One path segment from data: `/workflows/${segment(id)}`.
 * @throws N8nError `invalid-answer` for `.` and `..`, which mean another path even where they are encoded
 */
export function segment(value: string): string {
  if (value !== '.' && value !== '..') return encodeURIComponent(value);
  throw new N8nError('invalid-answer', `an item has the id "${value}", which cannot be used in a request`, {
    remedy: 'n8n does not create such ids. Check that the URL leads to n8n, or find the item in its database.',
  });
}

/** One page of a list, as n8n answers it. */
export interface Page {
  readonly items: readonly JsonObject[];
  readonly nextCursor: string | null;
}
