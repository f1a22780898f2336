import type { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { isStoreError, StoreError } from '../../../errors.ts';

export interface BodyLimit {
  readonly bytes: number;
  /** What becomes of a longer body. */
  readonly excess: 'refuse' | 'cut';
}

/** The body of an answer, as far as the limit lets it; null where it broke off and may be asked for again. */
export async function readBody(
  { Body: body, ContentLength: length = 0 }: GetObjectCommandOutput,
  limit: BodyLimit,
  mayTryAgain: boolean,
): Promise<Uint8Array | null> {
  if (body === undefined) return new Uint8Array(0);
  if (length > limit.bytes && limit.excess === 'refuse') {
    (body as Readable).destroy();
    throw tooMuch(length, limit);
  }
  try {
    const bytes = await takeBytes(body as Readable, limit);
    if (bytes.length >= Math.min(length, limit.bytes)) return bytes;
    if (!mayTryAgain) throw new StoreError('unreachable', `the server sent ${bytes.length} of ${length} bytes`);
  } catch (error) {
    if (!mayTryAgain || isStoreError(error, 'integrity')) throw error;
  }
  return null;
}

/**
 * Bytes of a stream. A server need not say how many there are, and need not end: what is beyond the limit is not
 * read.
 */
async function takeBytes(body: Readable, limit: BodyLimit): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size <= limit.bytes) continue;
    if (limit.excess === 'refuse') throw tooMuch(`more than ${limit.bytes}`, limit);
    break;
  }
  return Buffer.concat(chunks, Math.min(size, limit.bytes));
}

function tooMuch(found: number | string, { bytes }: BodyLimit): StoreError {
  return new StoreError('integrity', `${found} bytes are stored where at most ${bytes} were saved`);
}
