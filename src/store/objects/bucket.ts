export interface ListedObject {
  readonly key: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly lastModified: number;
  readonly etag: string;
}

export interface Fetched {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export interface PutOptions {
  readonly ifNoneMatch?: '*';
  readonly ifMatch?: string;
  readonly storageClass?: string | null;
}

/**
 * A bucket in the few operations that the store needs. Each throws StoreError with a remedy (`conflict` where a
 * condition did not hold, `unsupported` where the server does not know conditions), or InterruptedError.
 */
export interface Bucket {
  readonly location: string;
  /** Pages of at most 1,000 keys below a prefix, in the order of their bytes. */
  list(prefix: string, startAfter?: string, signal?: AbortSignal): AsyncGenerator<ListedPage>;
  /**
   * @param maxBytes more than so many is damage, and is not read
   * @returns null where there is no such key
   */
  get(key: string, maxBytes: number, signal?: AbortSignal): Promise<Fetched | null>;
  /** The first `count` bytes, or all where there are fewer; also of a server that knows no ranges. */
  getBeginning(key: string, count: number, signal?: AbortSignal): Promise<Fetched | null>;
  head(key: string, signal?: AbortSignal): Promise<ListedObject | null>;
  /** @returns the new ETag */
  put(key: string, bytes: Uint8Array, options?: PutOptions, signal?: AbortSignal): Promise<string>;
  /** Deleting what is not there succeeds. @returns whether the bytes stay behind as an older version */
  delete(key: string, ifMatch?: string, signal?: AbortSignal): Promise<boolean>;
  /** Milliseconds since 1970 as the server sees it, and how far this machine's clock is behind it. */
  serverTime(): { readonly now: number; readonly skewMs: number };
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  readonly isLast: boolean;
}
