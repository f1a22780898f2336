import { collect, type Collected } from '../../snapshot/collect/collect.ts';
import type { CollectOptions } from '../../snapshot/collect/collect-options.ts';
import { randomLabel } from '../../snapshot/format/snapshot-id.ts';
import { CleanFiles } from '../../snapshot/treat/clean-files.ts';
import type { BackupOptions } from './backup-types.ts';
import type { Target } from '../snapshots/open-target.ts';
import { defaultPolicy, looksIntoAll } from './store-policy.ts';

/** What was read in one go, and what it was compared with while it was read. */
export interface Reading {
  readonly collected: Collected;
  readonly base: Target['latest'];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /**
   * What ids have in place of a digest, the same in each store; null where one of the stores shows its content anyway.
   */
  readonly label: string | null;
  /** Of the files that were read, those without a secret, as far as there was time to look. */
  readonly clean: CleanFiles;
}

/**
 * Reads the instance, and looks for secrets meanwhile where a store wants that. The caller disposes of what was read.
 */
export async function readInstance(
  options: BackupOptions,
  base: Target['latest'],
  startedAt: number,
): Promise<Reading> {
  const { stores, policyOf = defaultPolicy } = options;
  const clean = new CleanFiles();
  const onNew: CollectOptions['onNew'] = (...added) => void clean.add(...added);
  const isWanted = stores.some((store) => looksIntoAll(policyOf(store)));
  try {
    const collected = await collect({ ...options, base, startedAt, ...(isWanted ? { onNew } : {}) });
    return { collected, base, startedAt, label: labelOf(options, collected), clean };
  } finally {
    await clean.end();
  }
}

function labelOf({ stores, clock }: BackupOptions, { kept }: Collected): string | null {
  const isNeeded = kept.size > 0 || stores.every((store) => store.conceals);
  return isNeeded ? randomLabel(clock.random()) : null;
}
