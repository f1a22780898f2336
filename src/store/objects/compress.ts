import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib';

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);

/** RFC 1952, section 2.3: byte 9 names the operating system, which is nobody's business; 255 is "unknown". */
const OS_BYTE = 9;

/** Gzip, because `gunzip` and `zcat` are everywhere. The same bytes give the same bytes on every system. */
export async function compress(content: Uint8Array): Promise<Uint8Array> {
  return withoutSystem(await gzipAsync(content));
}

/** As `compress`, for a piece that is joined with others: members of gzip files can be written one after another. */
export function compressMember(content: Uint8Array | string): Uint8Array {
  return withoutSystem(gzipSync(content));
}

function withoutSystem(zipped: Uint8Array): Uint8Array {
  zipped[OS_BYTE] = 255;
  return zipped;
}

/**
 * @param maxSize in bytes; more is refused while it decompresses, so that a forged object cannot fill the memory
 * @throws Error if the bytes are not a gzip file, are damaged or truncated, or hold more than `maxSize`
 */
export async function decompress(content: Uint8Array, maxSize: number): Promise<Uint8Array> {
  // zlib requires a bound of at least one byte.
  return gunzipAsync(content, { maxOutputLength: Math.max(maxSize, 1) });
}

/** What the beginning of a gzip file holds. @throws Error where it is none or is damaged */
export function decompressBeginning(content: Uint8Array): Uint8Array {
  return gunzipSync(content, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** The most bytes that gzip makes of `size` bytes, with room for other implementations than ours. */
export function maxCompressedSize(size: number): number {
  return size + Math.ceil(size / 1000) + 1024;
}
