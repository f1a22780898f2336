import type { StoreErrorCode } from '../../../errors.ts';

/** What was being done when a request failed. */
export interface S3Request {
  /** For messages: the bucket, prefix and server. */
  readonly location: string;
  readonly bucket: string;
  /** The right that the request needs: `s3:PutObject`. */
  readonly action: string;
  /** The key, or for a listing the prefix. */
  readonly key: string;
  readonly headers: RequestHeaders;
}

export interface Explanation {
  readonly reason: StoreErrorCode;
  readonly problem: (request: S3Request, told: string) => string;
  readonly remedy: (request: S3Request) => string;
}

/** What a request had that some servers know nothing of. */
export interface RequestHeaders {
  /** The SDK's newer default checksums. */
  readonly checksums: boolean;
  /** `If-Match` or `If-None-Match`. */
  readonly conditions: boolean;
  /** Whether the server took a signature of this key before: then a wrong one is not the key's fault. */
  readonly signedBefore: boolean;
}
