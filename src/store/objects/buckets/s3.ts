// The `Bucket` of S3 and of servers that speak its protocol: requests, limits and errors of the service,
// nothing about snapshots.

import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import { throwIfAborted } from '../../../lib/errors.ts';
import { systemClock, type Clock } from '../../../lib/time.ts';
import { StoreError } from '../../errors.ts';
import { readBody } from './s3/body.ts';
import { connect, type S3Connection } from './s3/client.ts';
import { codeOf, isUnreadable, notS3, statusOf, toStoreError } from './s3/errors.ts';
import type { S3Request } from './s3/explanation.ts';
import { DEFAULT_CONCURRENCY, type S3BucketOptions, type S3BucketRuntime } from './s3/options.ts';
import { putInput } from './s3/put-input.ts';
import type { Bucket, FetchedObject, ListedObject, ListedPage, PutOptions } from '../bucket.ts';

/** An answer that broke off, or is none of S3's, is asked for so often: the SDK's own retries end with the headers. */
const ANSWER_ATTEMPTS = 4;
const AGAIN = Symbol('again');
/** AWS answers 409 where two conditional writes of one key meet; so often it is tried again. */
const CONFLICT_ATTEMPTS = 4;

/** The bucket that the options name, through the SDK. Nothing is asked before the first method is called. */
export function createS3Bucket(options: S3BucketOptions, runtime: S3BucketRuntime = {}): Bucket {
  return new S3Bucket(options, runtime);
}

class S3Bucket implements Bucket {
  readonly location: string;
  readonly concurrency: number;
  readonly #options: S3BucketOptions;
  readonly #runtime: S3BucketRuntime;
  readonly #clock: Clock;
  #connection: Promise<S3Connection> | null = null;
  /** Whether the server took a signature of this key. */
  #isKnown = false;
  /** The client's configuration once connected: it carries what the SDK learned of the server's clock. */
  #client: S3Client | null = null;

  constructor(options: S3BucketOptions, runtime: S3BucketRuntime) {
    this.#options = options;
    this.#runtime = runtime;
    this.#clock = runtime.clock ?? systemClock;
    this.location = describe(options);
    this.concurrency = runtime.concurrency ?? DEFAULT_CONCURRENCY;
  }

  async *list(prefix: string, startAfter?: string, signal?: AbortSignal): AsyncGenerator<ListedPage> {
    let token: string | undefined;
    do {
      const input = {
        ...this.#bucket(),
        Prefix: prefix,
        ...(token === undefined ? { StartAfter: startAfter } : { ContinuationToken: token }),
      };
      const page = await this.#ask(
        { action: 's3:ListBucket', key: prefix },
        signal,
        async ({ sdk, client }, abortSignal) => {
          const answer = await client.send(new sdk.ListObjectsV2Command(input), { abortSignal });
          return isListing(answer) ? answer : AGAIN;
        },
      );
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      const objects = (page.Contents ?? []).map((object) => ({
        key: object.Key ?? '',
        size: object.Size ?? 0,
        lastModified: object.LastModified?.getTime() ?? 0,
        etag: object.ETag ?? '',
      }));
      yield { objects, isLast: token === undefined };
    } while (token !== undefined);
  }

  async get(key: string, maxBytes: number, signal?: AbortSignal): Promise<FetchedObject | null> {
    return this.#fetch(key, maxBytes, undefined, signal);
  }

  async getBeginning(key: string, count: number, signal?: AbortSignal): Promise<FetchedObject | null> {
    return this.#fetch(key, count, `bytes=0-${count - 1}`, signal);
  }

  async head(key: string, signal?: AbortSignal): Promise<ListedObject | null> {
    return this.#ask({ action: 's3:GetObject', key }, signal, async ({ sdk, client }, abortSignal) => {
      try {
        const found = await client.send(new sdk.HeadObjectCommand({ ...this.#bucket(), Key: key }), {
          abortSignal,
        });
        if (found.ETag === undefined) return AGAIN;
        const lastModified = found.LastModified?.getTime() ?? 0;
        return { key, size: found.ContentLength ?? 0, lastModified, etag: found.ETag ?? '' };
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw error;
      }
    });
  }

  async put(key: string, bytes: Uint8Array, options: PutOptions = {}, signal?: AbortSignal): Promise<string> {
    const input = putInput(this.#options, key, bytes, options);
    const call = { action: 's3:PutObject', key, conditional: (options.ifMatch ?? options.ifNoneMatch) !== undefined };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ask(call, signal, async ({ sdk, client }, abortSignal) => {
          const { ETag } = await client.send(new sdk.PutObjectCommand(input), { abortSignal });
          return ETag ?? AGAIN;
        });
      } catch (error) {
        const cause = error instanceof StoreError ? error.cause : undefined;
        if (codeOf(cause) !== 'ConditionalRequestConflict' || attempt === CONFLICT_ATTEMPTS) throw error;
        await this.#backOff(attempt, signal);
      }
    }
  }

  async delete(key: string, ifMatch?: string, signal?: AbortSignal): Promise<boolean> {
    const input = { ...this.#bucket(), Key: key, ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }) };
    const call = { action: 's3:DeleteObject', key, conditional: ifMatch !== undefined };
    return this.#request(call, signal, async ({ sdk, client }, abortSignal) => {
      try {
        const answer = await client.send(new sdk.DeleteObjectCommand(input), { abortSignal });
        return answer.DeleteMarker === true;
      } catch (error) {
        if (codeOf(error) === 'NoSuchKey') return false;
        throw error;
      }
    });
  }

  serverTime(): { now: number; skewMs: number } {
    const skewMs = this.#client?.config.systemClockOffset ?? 0;
    return { now: this.#clock.now() + skewMs, skewMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A failed connection was reported where it was requested.
    await Promise.allSettled([this.#connection]);
    this.#client?.destroy();
  }

  async #fetch(
    key: string,
    maxBytes: number,
    range: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<FetchedObject | null> {
    const input = { ...this.#bucket(), Key: key, ...(range === undefined ? {} : { Range: range }) };
    return this.#ask({ action: 's3:GetObject', key }, signal, async ({ sdk, client }, abortSignal, mayAskAgain) => {
      try {
        const answer = await client.send(new sdk.GetObjectCommand(input), { abortSignal });
        const limit = { bytes: maxBytes, excess: range === undefined ? 'refuse' : 'cut' } as const;
        const bytes = await readBody(answer, limit, mayAskAgain);
        return bytes === null || answer.ETag === undefined ? AGAIN : { etag: answer.ETag, bytes };
      } catch (error) {
        // An empty object has no range: its beginning is empty too.
        if (statusOf(error) === 416) return { etag: '', bytes: new Uint8Array(0) };
        if (codeOf(error) === 'NoSuchKey') return null;
        throw error;
      }
    });
  }

  /**
   * A request whose answer may be damaged, or another server's, although its status is good: the SDK takes a sign-in
   * page, or nothing at all, for an empty listing and for an upload that was done. Asked again a few times.
   */
  async #ask<T>(call: Call, signal: AbortSignal | undefined, send: Send<T | typeof AGAIN>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const mayAskAgain = attempt < ANSWER_ATTEMPTS;
      const answer = await this.#request(call, signal, async (connection, abortSignal) => {
        try {
          return await send(connection, abortSignal, mayAskAgain);
        } catch (error) {
          if (isUnreadable(error) && mayAskAgain) return AGAIN;
          throw error;
        }
      });
      if (answer !== AGAIN) return answer;
      if (!mayAskAgain) throw notS3(this.#describe(call));
      await this.#backOff(attempt, signal);
    }
  }

  async #request<T>(
    call: Call,
    signal: AbortSignal | undefined,
    send: (connection: S3Connection, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    throwIfAborted(signal);
    try {
      const connection = await (this.#connection ??= connect(this.#options, this.#runtime));
      this.#client = connection.client;
      const answer = await send(connection, signal ?? new AbortController().signal);
      this.#isKnown = true;
      return answer;
    } catch (error) {
      throwIfAborted(signal);
      throw toStoreError(error, this.#describe(call));
    }
  }

  #describe({ action, key, conditional = false }: Call): S3Request {
    const { bucket, checksums } = this.#options;
    const headers = {
      checksums: checksums === 'when-supported' && action === 's3:PutObject',
      conditions: conditional,
      signedBefore: this.#isKnown,
    };
    return { location: this.location, bucket, action, key, headers };
  }

  #bucket(): { Bucket: string } {
    return { Bucket: this.#options.bucket };
  }

  /** Full jitter below a ceiling that doubles from 100 ms. */
  async #backOff(attempt: number, signal: AbortSignal | undefined): Promise<void> {
    await this.#clock.sleep(this.#clock.random() * 100 * 2 ** attempt, signal);
  }
}

interface Call {
  readonly action: string;
  readonly key: string;
  /** Whether it is done only where a condition holds. */
  readonly conditional?: boolean;
}

type Send<T> = (connection: S3Connection, abortSignal: AbortSignal, mayAskAgain: boolean) => Promise<T>;

/**
 * Whether it is the answer of an S3 server, and all of it: every listing says how many keys it has, or whether more
 * follow.
 */
function isListing({ KeyCount, IsTruncated, Contents = [] }: ListObjectsV2CommandOutput): boolean {
  if (KeyCount === undefined) return IsTruncated !== undefined;
  return KeyCount === Contents.length;
}

function describe({ bucket, prefix, endpoint }: S3BucketOptions): string {
  const where = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
  return endpoint === null ? where : `${where} at ${hostOf(endpoint)}`;
}

/** Never the whole URL: some people put a password into it. */
function hostOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).host : 'its endpoint';
}
