import { collect, type Collected } from '../../snapshot/collect/collect.ts';
import type { CollectOptions } from '../../snapshot/collect/collect-options.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import { randomLabel } from '../../snapshot/format/snapshot-id.ts';
import { CleanFiles } from '../../snapshot/treat/clean-files.ts';
import type { BackupRun } from './backup-types.ts';
import { looksIntoAll } from './inspect-secrets.ts';

/** What a backup read of the instance in one go. */
export interface Reading extends Collected {
  /**
   * What ids have in place of a digest, the same in each store; null where one of the stores shows its content anyway.
   */
  readonly label: string | null;
  /** Of the files that were read, those without a secret, as far as there was time to look. */
  readonly clean: CleanFiles;
}

/**
 * Reads the instance, and looks for secrets meanwhile where a store wants that. The caller disposes of what was read.
 * @param startedAt milliseconds since 1970: the time of the snapshot
 */
export async function readInstance(run: BackupRun, base: SnapshotView | null, startedAt: number): Promise<Reading> {
  const clean = new CleanFiles(run.signal);
  const onNew: CollectOptions['onNew'] = (...added) => void clean.add(...added);
  const isWanted = run.stores.some((store) => looksIntoAll(run.policyOf(store)));
  try {
    const collected = await collect({ ...run, base, startedAt, ...(isWanted ? { onNew } : {}) });
    return { ...collected, label: labelOf(run, collected), clean };
  } finally {
    await clean.end();
  }
}

function labelOf({ stores, clock }: BackupRun, { kept }: Collected): string | null {
  const isNeeded = kept.size > 0 || stores.every((store) => store.conceals);
  return isNeeded ? randomLabel(clock.random()) : null;
}
