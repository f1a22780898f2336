import { asError } from '../../lib/errors.ts';
import type { SnapshotHeader } from '../../snapshot/format/header.ts';
import type { Store } from '../../store/store.ts';
import { openTarget } from './open-target.ts';

export interface NewestSnapshot {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  readonly header: SnapshotHeader;
}

/**
 * The newest snapshot of an instance in any of its stores, or null.
 * @throws the first store's error where none of them answers
 */
export async function newestSnapshot(
  stores: readonly Store[],
  instance: string,
  signal: AbortSignal,
): Promise<NewestSnapshot | null> {
  const targets = await Promise.all(stores.map((store) => openTarget(store, instance, signal)));
  const errors = targets.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (errors.length > 0 && errors.length === targets.length) throw asError(errors[0]);
  const found = targets.flatMap(({ latest }) =>
    latest
      ? [
          {
            id: latest.id,
            takenAt: Date.parse(latest.takenAt),
            header: latest.header,
          },
        ]
      : [],
  );
  return found.sort((a, b) => b.takenAt - a.takenAt)[0] ?? null;
}
