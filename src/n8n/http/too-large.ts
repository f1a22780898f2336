import type { JsonLimitError } from '../../lib/json/json-limits.ts';
import type { Logger } from '../../lib/logger.ts';
import { isN8nError, N8nError } from './errors.ts';
import { type RequestInfo, type Failure, nameOf } from './failure.ts';

/**
 * The failure of an answer that is not taken into memory. Asking again would give the same, and take as much once
 * more.
 */
export function tooLarge(requestInfo: RequestInfo, status: number, reason: string): Failure {
  const request = nameOf(requestInfo);
  return { error: tooLargeError(`${request}: ${reason}`, { status, request, reason }), again: 'no' };
}

/**
 * The failure of an answer whose JSON is made to do harm. Less of it may be taken, but not what is nested too deeply.
 */
export function refusedShape(error: JsonLimitError, requestInfo: RequestInfo, status: number): Failure {
  const reason = error.message;
  if (error.limit === 'amount') return tooLarge(requestInfo, status, reason);
  const request = nameOf(requestInfo);
  const message = `the answer to ${request} is refused: ${reason}`;
  return {
    error: new N8nError('invalid-answer', message, { status, request, reason, remedy: REMEDY }),
    again: 'no',
  };
}

/**
 * How many items to ask for at a time after a page was refused as too large: a quarter, down to single items.
 * @throws the error itself where it is another one, or where even a single item is too large, which is said then
 */
export function smallerPages(error: unknown, pageSize: number, logger: Logger | undefined): number {
  if (!isN8nError(error, 'answer-too-large')) throw error;
  if (pageSize <= 1) {
    const alone = ', although a single item was asked for';
    const reason = `${error.reason ?? ''}${alone}`;
    throw tooLargeError(`${error.message}${alone}`, { status: error.status, request: error.request, reason });
  }
  const smaller = Math.max(1, Math.floor(pageSize / 4));
  const items = smaller === 1 ? 'one item' : `${smaller} items`;
  const fields = { request: error.request, pageSize: smaller };
  logger?.info(fields, `a page of ${pageSize} is too much, so ${items} at a time: ${error.message}`);
  return smaller;
}

const REMEDY =
  'flowkeep refuses such answers to stay within its memory limit. Check that the URL leads to n8n, ' +
  'and look for an item that ' +
  'holds such data (pinned or static data of a workflow).';

function tooLargeError(message: string, told: Pick<N8nError, 'status' | 'request' | 'reason'>): N8nError {
  const { status, request, reason } = told;
  return new N8nError('answer-too-large', message, {
    remedy: REMEDY,
    ...(status === undefined ? {} : { status }),
    ...(request === undefined ? {} : { request }),
    ...(reason === undefined ? {} : { reason }),
  });
}
