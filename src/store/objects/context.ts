import type { Clock } from '../../lib/time.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Bucket } from './bucket.ts';
import type { Keys } from './keys.ts';

/** What every part of one object store works with. */
export interface ObjectStoreContext {
  readonly bucket: Bucket;
  readonly keys: Keys;
  readonly graceMs: number;
  readonly inline: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}
