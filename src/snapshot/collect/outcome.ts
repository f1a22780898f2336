import { messageOf } from '../../lib/errors.ts';
import { N8nError, type N8nErrorCode } from '../../n8n/http/errors.ts';
import type { Coverage, CoverageReason } from '../format/header.ts';
import type { KindContent } from './context.ts';

/** Why a kind could not be read. */
export interface KindFailure {
  readonly coverage: Exclude<Coverage, 'complete'>;
  readonly reason: CoverageReason;
}

/** A kind was read, or it was not. */
export type KindOutcome =
  | { readonly content: KindContent; readonly failure?: never }
  | { readonly content?: never; readonly failure: KindFailure };

/** What n8n does not serve to this key, as opposed to what went wrong. */
const UNAVAILABLE: Partial<Record<N8nErrorCode, CoverageReason['code']>> = {
  licence: 'licence',
  scope: 'scope',
  'too-old': 'version',
};

/** Sorts an error into `unavailable`, which is how this instance is, and `failed`, which needs attention. */
export function failureOf(error: unknown): KindFailure {
  if (!(error instanceof N8nError)) return { coverage: 'failed', reason: { code: 'error', message: messageOf(error) } };
  const code = UNAVAILABLE[error.kind];
  const message = error.reason ?? error.message;
  if (code) return { coverage: 'unavailable', reason: { code, message } };
  return { coverage: 'failed', reason: { code: 'error', message: lastingMessage(error) } };
}

/** The message without how often and how long it was tried: the same failure tomorrow must give the same snapshot. */
function lastingMessage(error: N8nError): string {
  const { request, status, reason } = error;
  if (request === undefined || status === undefined) return error.message;
  return `${request} gave HTTP ${status}${reason === undefined ? '' : `: ${reason}`}`;
}
