import type { Collected } from '../snapshot/collect/collect.ts';
import type { SnapshotInfo, Store } from '../store/store.ts';
import { makeDraft } from './draft.ts';
import type { Target } from './open-target.ts';

/**
 * Saves what was just read of an instance as a safety snapshot, whether it changed or not.
 * @param base what the reading was compared with
 * @param takenAt milliseconds since 1970, when the reading began
 */
export async function saveSafetySnapshot(
  store: Store,
  collected: Collected,
  base: Target['latest'],
  takenAt: number,
  signal: AbortSignal,
): Promise<SnapshotInfo> {
  const { unchanged } = collected;
  const { draft } = await makeDraft({ collected, before: base, unchanged, takenAt, purpose: 'safety' });
  return (await store.save(draft, signal)).info;
}
