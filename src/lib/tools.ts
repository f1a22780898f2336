import type { Logger } from './logger.ts';
import type { Progress } from './progress.ts';
import type { OpenSpool } from './spool.ts';
import type { Clock } from './time.ts';

/** What every job works with, whatever it is about. */
export interface Tools {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly openSpool: OpenSpool;
  readonly signal: AbortSignal;
}
