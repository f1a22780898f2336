import { asError, messageOf } from '../../lib/errors.ts';
import type { SnapshotHeader } from '../../snapshot/format/header.ts';
import type { Store } from '../../store/store.ts';
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
 * The newest snapshot of an instance in any of its stores, or null. The log says which stores could not be asked.
 * @throws where none of them answers
 */
export async function newestSnapshot(
  stores: readonly Store[],
  instance: string,
  { logger, signal }: OpenContext,
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
  const all = targets.flatMap(({ latest }) =>
    latest ? [{ id: latest.id, takenAt: Date.parse(latest.takenAt), header: latest.header, holders }] : [],
  );
  return all.sort((a, b) => b.takenAt - a.takenAt)[0] ?? null;
}
