import { tmpdir } from 'node:os';
import { noProgress } from '../../src/lib/progress.ts';
import { Spool, type OpenSpool } from '../../src/lib/spool.ts';
import { systemClock } from '../../src/lib/time.ts';
import type { Tools } from '../../src/lib/tools.ts';
import { greppedLogger } from './secrets/logger.ts';

export const openSpool: OpenSpool = () => new Spool(tmpdir());

/** What a job works with in a test: the real clock, and a log that is searched for planted secrets. */
export function testTools(): Tools {
  const { signal } = new AbortController();
  return { clock: systemClock, logger: greppedLogger, progress: noProgress, openSpool, signal };
}
