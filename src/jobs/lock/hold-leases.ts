import { asError, messageOf } from '../../lib/errors.ts';
import type { Store } from '../../store/store.ts';
import { StoreError } from '../../store/errors.ts';
import { acquireLease, type Lease, type LeaseOptions } from './lease.ts';

export type HoldOptions = Omit<LeaseOptions, 'store'> & { readonly stores: readonly Store[] };

/**
 * Takes the lock of an instance in each of its stores, for a run that must have the instance to itself. A store that
 * does not answer is passed over as long as another one gives the lock: a backup must not fail because one of two
 * stores is down.
 * @throws LockedError; the first store's error where none answers; InterruptedError
 */
export async function holdLeases({ stores, ...options }: HoldOptions): Promise<Lease> {
  const leases: Lease[] = [];
  const errors: unknown[] = [];
  const release = async (): Promise<void> => {
    for (const lease of leases.reverse()) await lease[Symbol.asyncDispose]();
  };
  // Always in the same order, so that two runs never wait for each other.
  for (const store of [...stores].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    try {
      leases.push(await acquireLease({ ...options, store }));
    } catch (error) {
      if (!(error instanceof StoreError) || options.signal.aborted) {
        await release();
        throw error;
      }
      errors.push(error);
      options.logger.warn({ store: store.name }, `cannot lock this store: ${messageOf(error)}`);
    }
  }
  if (leases.length === 0) throw asError(errors[0] ?? `${options.instance} has no store to take a lock in`);
  return {
    signal: AbortSignal.any(leases.map((lease) => lease.signal)),
    waited: leases.some((lease) => lease.waited),
    [Symbol.asyncDispose]: release,
  };
}
