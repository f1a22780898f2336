import { FlowkeepError, type FlowkeepErrorOptions } from '../../lib/errors.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';

/** What an answer of n8n means, beyond its status. docs/internal/n8n-api-notes.md, Scopes and errors. */
export type N8nErrorCode =
  /** 401: the key is wrong, expired or of another instance. */
  | 'unauthorized'
  /** 403: the key lacks a scope. */
  | 'scope'
  /** 403: the instance's licence does not cover the feature. */
  | 'licence'
  /** 404 of one item that an endpoint of this instance does not have. */
  | 'not-found'
  /** The endpoint itself is missing: this n8n is too old for it. */
  | 'too-old'
  /** 400 or 422: n8n refuses what was sent. */
  | 'refused'
  /** 409 */
  | 'conflict'
  /** 413: more than n8n (or a proxy before it) takes in one request. */
  | 'too-large'
  /** What answers at this URL is not n8n's public API: HTML, a redirect, something else. */
  | 'wrong-url'
  /** Nothing answers: refused, no such host, reset, timeout, TLS, for longer than the deadline. */
  | 'unreachable'
  /** 502, 503, 504 for longer than the deadline: n8n is down behind its proxy, or starting. */
  | 'unavailable'
  /** 429 for longer than the deadline. */
  | 'rate-limited'
  /** Another 5xx, for longer than the deadline. */
  | 'server'
  /** An answer that is larger, or holds more values, than flowkeep takes into its memory: half of it might do. */
  | 'answer-too-large'
  /** An answer of a shape that flowkeep does not understand, or not JSON where JSON is due. */
  | 'invalid-answer';

const EXIT_OF: Partial<Record<N8nErrorCode, ExitCode>> = {
  unauthorized: EXIT.usage,
  'wrong-url': EXIT.usage,
  conflict: EXIT.conflict,
};

export interface N8nErrorOptions extends FlowkeepErrorOptions {
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** `GET /workflows`: method and path below the API's base, without query and key. */
  readonly request?: string;
  /** n8n's own words: the `message` of its answer. */
  readonly reason?: string;
  /** A write whose outcome is not known: no answer says whether it was done. Look before sending it again. */
  readonly maybeDone?: boolean;
}

/** An answer of n8n, or the lack of one, that flowkeep cannot go on with. Never holds the key. */
export class N8nError extends FlowkeepError {
  override readonly name = 'N8nError';
  readonly kind: N8nErrorCode;
  readonly status: number | undefined;
  readonly request: string | undefined;
  readonly reason: string | undefined;
  readonly maybeDone: boolean;

  constructor(kind: N8nErrorCode, message: string, options: N8nErrorOptions = {}) {
    super(`n8n-${kind}`, message, { exitCode: EXIT_OF[kind] ?? EXIT.failed, ...options });
    this.kind = kind;
    this.status = options.status;
    this.request = options.request;
    this.reason = options.reason;
    this.maybeDone = options.maybeDone ?? false;
  }
}

/** What to do about an answer of a shape that flowkeep does not know. */
export const UNKNOWN_SHAPE_REMEDY =
  'Check that the URL leads to n8n itself. If it does, its version may be newer than this flowkeep: update flowkeep, ' +
  'and if that does not help, report the version of n8n and what the same command logs with --log-level debug.';

/** Whether an error is an N8nError of one of these kinds. */
export function isN8nError(error: unknown, ...kinds: N8nErrorCode[]): error is N8nError {
  return error instanceof N8nError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** Errors after which no other request to the instance makes sense in this run: it is gone, or the key is wrong. */
export function isInstanceGone(error: unknown): error is N8nError {
  return isN8nError(error, 'unauthorized', 'wrong-url', 'unreachable', 'unavailable', 'rate-limited');
}
