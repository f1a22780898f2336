import { withSignal } from '../../n8n/with-signal.ts';
import type { Store } from '../../store/store.ts';
import type { Lease } from '../lock/lease.ts';
import { RestoreDocuments } from './restore-documents.ts';
import type { RestoreJobOptions } from './restore-job.ts';

/**
 * One restore while it runs: what it was asked to do, and what its steps share. There is one signal, and all that the
 * run reads, sends and saves ends with it.
 */
export interface RestoreRun extends Omit<RestoreJobOptions, 'lock'> {
  /** What the store knows of restores into this target. */
  readonly documents: RestoreDocuments;
  /** The same of the other stores. */
  readonly otherDocuments: readonly RestoreDocuments[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Takes the target's lock in the store, if restores take one. Losing it ends the run. */
  lock(): Promise<Lease | null>;
}

export function startRun(job: RestoreJobOptions): RestoreRun {
  const { store, otherStores = [], target, clock, logger, allowUnverified = false } = job;
  const lost = new AbortController();
  const signal = AbortSignal.any([job.signal, lost.signal]);
  const documentsIn = (each: Store): RestoreDocuments =>
    new RestoreDocuments(each, target.instance, signal, { logger, allowUnverified });
  return {
    ...job,
    signal,
    target: { instance: target.instance, client: withSignal(target.client, signal) },
    documents: documentsIn(store),
    otherDocuments: otherStores.map(documentsIn),
    startedAt: clock.now(),
    async lock() {
      const lease = await job.lock?.(store, signal);
      lease?.signal.addEventListener('abort', () => lost.abort(lease.signal.reason), { once: true });
      return lease ?? null;
    },
  };
}
