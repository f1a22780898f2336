import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { ApiAnswer } from './exchange.ts';

/** An answer as bytes: what is sent, or cut short. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** An API answer with the headers that n8n gives it: JSON type and a weak ETag. */
export function rawAnswer(answer: ApiAnswer): RawAnswer {
  if ('json' in answer) {
    const body = Buffer.from(JSON.stringify(answer.json));
    const headers = { 'content-type': 'application/json; charset=utf-8', etag: weakTag(body) };
    return { status: answer.status, headers, body };
  }
  if ('bytes' in answer) return { status: answer.status, headers: { ...answer.headers }, body: answer.bytes };
  return { status: answer.status, headers: {}, body: Buffer.alloc(0) };
}

export function htmlAnswer(status: number, text: string): RawAnswer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from(text) };
}

function weakTag(body: Buffer): string {
  const hash = createHash('sha1').update(body).digest('base64').slice(0, 27);
  return `W/"${body.length.toString(16)}-${hash}"`;
}

/** From this size on answers are compressed, as express does. */
const COMPRESS_FROM_BYTES = 1024;

/** Compresses an answer where the client takes gzip. */
export function encoded(answer: RawAnswer, request: IncomingMessage): RawAnswer {
  const headers: Record<string, string> = { ...answer.headers, vary: 'Accept-Encoding' };
  const accepts = String(request.headers['accept-encoding'] ?? '').includes('gzip');
  const compressible = /json|text|yaml/.test(headers['content-type'] ?? '');
  if (!accepts || !compressible || answer.body.length < COMPRESS_FROM_BYTES) return { ...answer, headers };
  return {
    ...answer,
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: gzipSync(answer.body, { level: 1 }),
  };
}

export function send(response: ServerResponse, { status, headers, body }: RawAnswer): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': String(body.length) });
  response.end(status === 204 ? undefined : body);
}

/** Announces the whole answer, sends its first bytes and drops the connection. */
export function sendTruncated(response: ServerResponse, { status, headers, body }: RawAnswer, bytes: number): void {
  response.writeHead(status, { ...headers, 'content-length': String(body.length) });
  response.write(body.subarray(0, bytes), () => response.destroy());
}
