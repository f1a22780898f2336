/**
 * What an object store asks of a bucket: the one interface that a driver in `buckets/` implements, and the only way
 * from this room to a server or a disk. The store brings snapshots, garbage and repair; a driver moves bytes.
 * test/contract/bucket.suite.ts runs all that is promised here against every driver.
 *
 * For every method:
 * - Keys are text of the characters that `encodeURIComponent` leaves alone, percent signs and slashes. A slash has no
 *   meaning: `a` and `a/b` are two objects.
 * - It throws a StoreError (../errors.ts) with a remedy: `unreachable`, `denied`, `full`, `not-found` where the bucket
 *   itself does not exist, `conflict` where a condition did not hold, `failed` for anything else.
 * - The driver repeats what the network lost, a bounded number of times and with jitter; the store never does.
 * - An abort of `signal` throws InterruptedError, also when it came before the call.
 * - Nothing is loaded or connected before the first call.
 */
export interface Bucket {
  /** For messages: which bucket, and the folder in it, without a secret. */
  readonly location: string;
  /** How many calls the store may have under way at the same time. */
  readonly concurrency: number;

  /**
   * Every object whose key begins with `prefix`, in the order of the bytes of their keys. An object that is put or
   * deleted meanwhile may be among them or not. Nothing found: one empty page. A caller may stop after any page.
   * @param startAfter only keys behind this one; it need not exist
   */
  list(prefix: string, startAfter?: string, signal?: AbortSignal): AsyncGenerator<ListedPage>;

  /**
   * The whole object, or null if there is none.
   * @param maxBytes of a larger object no more than this is read
   * @throws StoreError `integrity` where the object is larger
   */
  get(key: string, maxBytes: number, signal?: AbortSignal): Promise<FetchedObject | null>;

  /** The first `count` bytes of the object, or all where there are fewer; null if there is none. */
  getBeginning(key: string, count: number, signal?: AbortSignal): Promise<FetchedObject | null>;

  /** What `list` says of this one key, or null where there is no such object. */
  head(key: string, signal?: AbortSignal): Promise<ListedObject | null>;

  /**
   * Puts an object, in place of the one that was there. It becomes visible whole or not at all, and a reader that
   * asks after the call has returned sees it. Idempotent without a condition. With one, of several writers at the
   * same moment exactly one wins; a repetition inside the driver may meet its own first try and throw `conflict`,
   * which the store resolves by reading.
   * @returns the object's new ETag
   * @throws StoreError `conflict` where the condition does not hold; `unsupported` where the server refuses conditions.
   *   A server that ignores them is found out by the store (conditions.ts).
   */
  put(key: string, bytes: Uint8Array, options?: PutOptions, signal?: AbortSignal): Promise<string>;

  /**
   * Deletes an object. Deleting what is not there succeeds, so it is idempotent.
   * @param ifMatch only where the object has this ETag; where there is no object, success and `conflict` are both right
   * @returns whether the bytes remain as an older version
   * @throws StoreError `conflict` or `unsupported`, as `put` does
   */
  delete(key: string, ifMatch?: string, signal?: AbortSignal): Promise<boolean>;

  /**
   * Milliseconds since 1970 by the clock that sets `lastModified`, and how far this machine's clock is behind that one
   * (negative: ahead). Known from the answers so far, without a request; before the first one, this machine's.
   */
  serverTime(): { readonly now: number; readonly skewMs: number };

  /** Ends connections. The bucket is not used afterwards. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ListedObject {
  readonly key: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Milliseconds since 1970, by the server's clock; whole seconds are enough. */
  readonly lastModified: number;
  /** Opaque; objects of the same key with other bytes have another. */
  readonly etag: string;
}

export interface ListedPage {
  /** At most 1,000. */
  readonly objects: readonly ListedObject[];
  readonly isLast: boolean;
}

export interface FetchedObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export interface PutOptions {
  /** Only where there is no object of this key. */
  readonly ifNoneMatch?: '*';
  /** Only where the object of this key has this ETag. */
  readonly ifMatch?: string;
  /**
   * True for the contents of files, which only a restore and a verification read: a cheaper class of storage will do.
   */
  readonly rarelyRead?: boolean;
}
