import type { Secret } from '../../../../lib/secrets/secret.ts';
import type { Clock } from '../../../../lib/time.ts';

/** Which bucket, and how it is spoken to. The settings of a store in the configuration fit as they are. */
export interface S3BucketOptions {
  readonly bucket: string;
  /** For messages: the folder that is used in the bucket. */
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
  /** For what is rarely read; all else is in the bucket's default class. */
  readonly storageClass: string | null;
  /** `when-required` for servers that do not know the SDK's newer default checksums. */
  readonly checksums: 'when-supported' | 'when-required';
}

/** What does not come from the configuration. */
export interface S3BucketRuntime {
  readonly clock?: Clock;
  /** Requests in flight at the same time. Default 8. */
  readonly concurrency?: number;
  /** Idle timeout of a connection, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** How often one request is tried. Default 5. */
  readonly maxAttempts?: number;
}

export const DEFAULT_CONCURRENCY = 8;
export const DEFAULT_TIMEOUT_MS = 30_000;
export const DEFAULT_MAX_ATTEMPTS = 5;
