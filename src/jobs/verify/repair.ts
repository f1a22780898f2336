import type { DraftFile, Store } from '../../store/store.ts';
import { repairs } from '../../store/upkeep.ts';

/** What a backup did about bytes that were found damaged. */
export interface RepairResult {
  /** Objects that are whole again. */
  readonly healed: readonly string[];
  /** Objects that remain damaged: n8n no longer has their content. */
  readonly lost: readonly string[];
}

const NOTHING: RepairResult = { healed: [], lost: [] };

/**
 * Uploads again what verify found damaged, as far as it is among these files. Costs one listing and no upload where the
 * store is healthy. @throws StoreError
 */
export async function repair(
  store: Store,
  files: ReadonlyMap<string, DraftFile>,
  signal: AbortSignal,
): Promise<RepairResult> {
  if (!repairs(store)) return NOTHING;
  const damaged = await store.repairNeeded(signal);
  if (damaged.length === 0) return NOTHING;
  const healed = await store.repair(files, signal);
  const whole = new Set(healed);
  return { healed, lost: damaged.filter((object) => !whole.has(object)) };
}
