import type { Clock } from '../../lib/time.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Bucket } from './bucket.ts';
import type { Keys } from './keys.ts';

/** What every part of one S3 store works with. */
export interface S3Context {
  readonly bucket: Bucket;
  readonly keys: Keys;
  readonly concurrency: number;
  readonly graceMs: number;
  readonly storageClass: string | null;
  readonly inline: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}
