import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { brokenJson, brokenPackets, brokenXml, withFlippedBit, wrongStructure } from './damage.ts';
import type { GatheredAnswer } from '../http-proxy.ts';

/** What may go wrong with one request. The words are those of the table that the fault suite prints. */
export const FAULT_SORTS = [
  '429',
  '429 Retry-After',
  '500',
  '502 page',
  'reset unsent',
  'answer lost',
  'reset inside',
  'stall unsent',
  'stall after',
  'stall inside',
  'truncated',
  'truncated, length hidden',
  'empty',
  'corrupted',
  'wrong structure',
  'slow drip',
] as const;
export type FaultSort = (typeof FAULT_SORTS)[number];

export interface FaultyExchange {
  readonly target: string;
  readonly response: ServerResponse;
  readonly forward: () => Promise<GatheredAnswer>;
  /** From 0 up to, but not including, 1: where in the answer it goes wrong. */
  readonly number: number;
  /** Tells one variant of the fault from another. */
  readonly seed: string;
}

/**
 * Answers a request with the fault.
 * @returns the sort of fault that the client met: an answer without a body cannot be cut, and is lost instead
 */
export async function answerWithFault(sort: FaultSort, exchange: FaultyExchange): Promise<FaultSort> {
  const early = answerBefore(sort, exchange);
  if (early) return early;
  const answer = await exchange.forward();
  if (sort === 'stall after') return sort;
  const body = answer.body.length > 1 ? damagedBody(sort, answer, exchange) : null;
  if (sort === 'answer lost' || body === null) {
    exchange.response.socket?.resetAndDestroy();
    return 'answer lost';
  }
  await send(sort, exchange.response, body);
  return sort;
}

/** Faults of which the server behind the proxy never hears. */
function answerBefore(sort: FaultSort, { target, response }: FaultyExchange): FaultSort | null {
  switch (sort) {
    case 'wrong structure':
      if (target.startsWith('/api/')) return null;
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(SIGN_IN_PAGE);
      return sort;
    case '429':
      return refuse(response, sort, 429, { message: 'Too many requests' });
    case '429 Retry-After':
      return refuse(response, sort, 429, { message: 'Too many requests' }, { 'retry-after': '1' });
    case '500':
      return refuse(response, sort, 500, { message: 'Internal server error' });
    case '502 page':
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>');
      return sort;
    case 'reset unsent':
      response.socket?.resetAndDestroy();
      return sort;
    case 'stall unsent':
      return sort;
    default:
      return null;
  }
}

function refuse(
  response: ServerResponse,
  sort: FaultSort,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): FaultSort {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
  return sort;
}

interface DamagedAnswer extends GatheredAnswer {
  /** How much of the body the client gets. */
  readonly sent: Buffer;
}

/** The answer as the client shall see it; null where this fault is not possible with it. */
function damagedBody(sort: FaultSort, answer: GatheredAnswer, exchange: FaultyExchange): DamagedAnswer | null {
  if (sort === 'corrupted' || sort === 'wrong structure') return withOtherContent(sort, answer, exchange);
  const length = sort === 'empty' ? 0 : Math.floor(exchange.number * answer.body.length);
  return { ...answer, sent: sort === 'slow drip' ? answer.body : answer.body.subarray(0, length) };
}

function withOtherContent(
  sort: 'corrupted' | 'wrong structure',
  answer: GatheredAnswer,
  { number, seed }: FaultyExchange,
): DamagedAnswer | null {
  const type = answer.headers['content-type'] ?? '';
  const { 'content-encoding': coding, 'content-length': _, ...headers } = answer.headers;
  const plain = decoded(answer.body, coding);
  if (sort === 'wrong structure') {
    if (!type.includes('json')) return { ...answer, headers: { 'content-type': 'text/html' }, sent: SIGN_IN_PAGE };
    return { ...answer, headers, sent: Buffer.from(wrongStructure(plain.toString(), seed)) };
  }
  const damage = damageOf(type);
  return { ...answer, headers, sent: damage(plain, number) };
}

function damageOf(type: string): (body: Buffer, number: number) => Buffer {
  if (type.includes('json')) return brokenJson;
  if (type.includes('xml')) return brokenXml;
  return type.includes('x-git-') ? brokenPackets : withFlippedBit;
}

/** What a hotel's network answers, with status 200, until somebody signs in. */
const SIGN_IN_PAGE = Buffer.from(
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>',
);

function decoded(body: Buffer, coding: string | undefined): Buffer {
  if (coding === 'gzip') return gunzipSync(body);
  return coding === 'br' ? brotliDecompressSync(body) : body;
}

async function send(sort: FaultSort, response: ServerResponse, answer: DamagedAnswer): Promise<void> {
  const { 'transfer-encoding': _, connection: _kept, 'keep-alive': _alive, ...headers } = answer.headers;
  const { 'content-length': _length, ...unsized } = headers;
  switch (sort) {
    case 'corrupted':
    case 'wrong structure':
      response.writeHead(answer.status, { ...unsized, 'content-length': answer.sent.length });
      response.end(answer.sent);
      return;
    case 'empty':
      response.writeHead(answer.status, { ...unsized, 'content-length': 0 });
      response.end();
      return;
    case 'truncated, length hidden':
      response.writeHead(answer.status, unsized);
      response.end(answer.sent);
      return;
    case 'slow drip':
      response.writeHead(answer.status, headers);
      return drip(response, answer.sent);
    default:
      response.writeHead(answer.status, { ...unsized, 'content-length': answer.body.length });
      response.flushHeaders();
      response.write(answer.sent, () => end(sort, response));
  }
}

function end(sort: FaultSort, response: ServerResponse): void {
  if (sort === 'reset inside') response.socket?.resetAndDestroy();
  if (sort === 'truncated') response.socket?.end();
}

/** Pieces of a drip, and the milliseconds between them. */
const DROPS = 12;
const DROP_MS = 40;

async function drip(response: ServerResponse, body: Buffer): Promise<void> {
  const size = Math.max(1, Math.ceil(body.length / DROPS));
  for (let at = 0; at < body.length && !response.destroyed; at += size) {
    response.write(body.subarray(at, at + size));
    await delay(DROP_MS);
  }
  response.end();
}
