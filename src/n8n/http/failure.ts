import { N8nError } from './errors.ts';
import type { Counter } from './throttle/counter.ts';

/**
 * What may be tried after a failed attempt.
 * - `no`: the answer stands; asking again changes nothing.
 * - `not-sent`: the request never reached n8n, so that a write may be sent again too. Until the connect deadline.
 * - `not-run`: n8n takes no requests for now (429, or it migrates its database). Anything may be sent again, until the
 *   rate-limit deadline.
 * - `unknown-outcome`: it may have been done or not. Reads and idempotent writes may be sent again, until the deadline.
 * - `suspect`: as `unknown-outcome`, but likely to stay as it is (a plain 500, broken JSON): a few attempts only.
 * - `wrong-server`: something else answers in n8n's place (a page with status 200). The URL is wrong, unless n8n has
 *   answered there before: then as `suspect`.
 */
export type Again = 'no' | 'not-sent' | 'not-run' | 'unknown-outcome' | 'suspect' | 'wrong-server';

/** Whether n8n may have done what was asked. */
export function maybeRun(again: Again): boolean {
  return again === 'unknown-outcome' || again === 'suspect' || again === 'wrong-server';
}

/** One failed attempt: the error that the caller gets if it was the last one, and what may be tried before that. */
export interface Failure {
  readonly error: N8nError;
  readonly again: Again;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfterMs?: number | undefined;
  /** Of n8n's own limits (from 2.47 on), the one that refused it: it holds other requests only as far as it counts them. */
  readonly counter?: Counter | undefined;
}

/** What was asked, as far as an error needs it. Holds no secret. */
export interface RequestInfo {
  readonly method: string;
  /** Below `/api/v1`, without the query. */
  readonly path: string;
  /** The instance's base URL: safe to print. */
  readonly base: string;
}

/** `GET /workflows` */
export function nameOf(requestInfo: RequestInfo): string {
  return `${requestInfo.method} ${requestInfo.path}`;
}

/**
 * The error of a request that is given up: how often and how long it was tried, and, for a write that must not be
 * repeated, that its outcome is not known.
 */
export function finalError(failure: Failure, repeatable: boolean, attempts: number, ms: number): N8nError {
  const { error, again } = failure;
  const maybeDone = !repeatable && maybeRun(again);
  if (attempts === 1 && !maybeDone) return error;
  const tried = attempts === 1 ? '' : `, after ${attempts} attempts in ${Math.round(ms / 1000)} s`;
  const unknown = maybeDone ? '; it is unknown whether it was done' : '';
  const { status, request, reason, remedy, exitCode } = error;
  return new N8nError(error.kind, `${error.message}${tried}${unknown}`, {
    maybeDone,
    exitCode,
    ...(status === undefined ? {} : { status }),
    ...(request === undefined ? {} : { request }),
    ...(reason === undefined ? {} : { reason }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}
