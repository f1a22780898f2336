import type { Logger } from '../../../../lib/logger.ts';
import type { Secret } from '../../../../lib/secrets/secret.ts';
import type { Clock } from '../../../../lib/time.ts';

/** Where and how an S3 store keeps snapshots. The settings of a store in the configuration fit as they are. */
export interface S3StoreOptions {
  /** The store's name in the config. */
  readonly name: string;
  readonly bucket: string;
  /** Folder inside the bucket, without a leading or trailing slash; empty for the whole bucket. */
  readonly prefix: string;
  /** null: from the SDK's usual chain (AWS_REGION, profile); with an endpoint, `us-east-1`. */
  readonly region: string | null;
  /** URL of an S3-compatible server; null: AWS. */
  readonly endpoint: string | null;
  readonly forcePathStyle: boolean;
  /** Both or neither; without them the SDK's usual chain (environment, files, container and web identity roles). */
  readonly accessKeyId?: Secret;
  readonly secretAccessKey?: Secret;
  /** Server-side encryption; null: what the bucket does by itself. */
  readonly sse: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | null;
  /** Only with an `sse` of aws:kms or aws:kms:dsse. */
  readonly kmsKeyId: string | null;
  /** For objects; manifests and documents are read often and stay in the bucket's default class. */
  readonly storageClass: string | null;
  /** `when-required` for servers that do not know the SDK's newer default checksums. */
  readonly checksums: 'when-supported' | 'when-required';
}

/** What does not come from the configuration. */
export interface S3StoreRuntime {
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Requests in flight at the same time. Default 8. */
  readonly concurrency?: number;
  /** A connection on which nothing moves for so many milliseconds has failed. Default 30,000. */
  readonly timeoutMs?: number;
  /** How often one request is tried. Default 5. */
  readonly maxAttempts?: number;
  /**
   * For how many milliseconds an object that no manifest names stays. A save must take less than half of it.
   * Every writer of a bucket and prefix uses the same. Default: 24 hours.
   */
  readonly graceMs?: number;
  /** Whether small files are kept inside the manifest, which saves requests. Default true. */
  readonly inline?: boolean;
}

export const DEFAULT_GRACE_MS = 24 * 60 * 60 * 1000;
export const DEFAULT_CONCURRENCY = 8;
export const DEFAULT_TIMEOUT_MS = 30_000;
export const DEFAULT_MAX_ATTEMPTS = 5;
