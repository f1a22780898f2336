import { asError, messageOf } from '../../lib/errors.ts';
import type { SnapshotHeader } from '../../snapshot/format/header.ts';
import type { Store } from '../../store/store.ts';
import { compareTimes } from '../../store/plausible-time.ts';
import type { OpenContext } from './open-snapshot.ts';
import { isEmptyTarget, openTarget } from './open-target.ts';
import { askStores } from './unasked.ts';

export interface NewestSnapshot {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  readonly header: SnapshotHeader;
  /** Names of the stores that hold a snapshot of the instance. */
  readonly holders: readonly string[];
}

/**
 * The newest snapshot of an instance in any of its stores, or null. Each store says which of its own is the newest; of
 * these, one that claims to be of the future counts only where there is no other. The log says which stores could not
 * be asked.
 * @throws where none of them answers
 */
export async function newestSnapshot(
  stores: readonly Store[],
  instance: string,
  { clock, logger, signal }: OpenContext,
): Promise<NewestSnapshot | null> {
  const { answers, unasked } = await askStores(stores, signal, async (store) => {
    const target = await openTarget(store, instance, signal);
    if (target.error !== undefined) throw asError(target.error);
    return target;
  });
  for (const { store, error } of unasked)
    logger.warn({ instance, store }, `the store could not be asked for its newest snapshot: ${messageOf(error)}`);
  const targets = answers.map(({ answer }) => answer);
  const holders = targets.filter((target) => !isEmptyTarget(target)).map(({ store }) => store.name);
  const latest = targets.flatMap((target) => target.latest ?? []);
  const [newest] = latest.sort((a, b) => compareTimes(b.takenAt, a.takenAt, clock.now()));
  return newest ? { id: newest.id, takenAt: Date.parse(newest.takenAt), header: newest.header, holders } : null;
}
