import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import { savedAsFirst, signsOfLoss, type SignsOfLoss } from '../snapshots/empty-store.ts';
import { isEmptyTarget, type Target } from '../snapshots/open-target.ts';
import type { BackupRun, StoreOutcome } from './backup-types.ts';

/**
 * What shows, by the store's name, that stores which list no snapshot held some. Asked before anything is saved: after
 * that a store is no longer empty.
 */
export async function findEmptied(
  run: BackupRun,
  targets: readonly Target[],
): Promise<ReadonlyMap<string, SignsOfLoss>> {
  const found = new Map<string, SignsOfLoss>();
  for (const target of targets.filter(isEmptyTarget)) {
    const signs = await signsIn(run, target, targets);
    if (signs !== null) found.set(target.store.name, signs);
  }
  return found;
}

async function signsIn(run: BackupRun, { store }: Target, targets: readonly Target[]): Promise<SignsOfLoss | null> {
  const { instance, signal, logger } = run;
  try {
    const signs = await signsOfLoss(store, instance, [], signal);
    const other = targets.find(({ latest }) => latest !== null);
    if (signs || !other) return signs;
    return { words: `store ${other.store.name} holds snapshots, the newest ${other.latest?.id}`, certain: false };
  } catch (error) {
    if (signal.aborted || !(error instanceof FlowkeepError)) throw error;
    // Saving comes first: whether it is the first snapshot is a question for check and verify, too.
    logger.warn({ store: store.name }, `whether the store held snapshots is not known: ${messageOf(error)}`);
    return null;
  }
}

/** The outcome with what is to be said of a store that was emptied. */
export function tellEmptied(
  { instance, logger }: BackupRun,
  target: Target,
  outcome: StoreOutcome,
  signs: SignsOfLoss | undefined,
): StoreOutcome {
  if (outcome.status !== 'saved' || signs === undefined) return outcome;
  const warning = savedAsFirst(target.store, instance, signs);
  logger.warn({ store: target.store.name }, warning);
  return { ...outcome, ...(signs.certain ? { emptied: warning } : {}), warnings: [warning, ...outcome.warnings] };
}
