import type { Tools } from '../../lib/tools.ts';
import { randomLabel } from '../../snapshot/format/snapshot-id.ts';
import type { StorePolicy } from '../../snapshot/treat/policy.ts';
import type { SnapshotInfo, Store } from '../../store/store.ts';
import { makeDraft } from '../backup/draft.ts';
import { inspectSecrets, applyStorePolicy, type ComparedReading } from '../backup/store-policy.ts';

export interface SafetyOptions extends Pick<Tools, 'clock' | 'logger' | 'openSpool' | 'signal'> {
  readonly store: Store;
  readonly policy: StorePolicy;
}

/**
 * Saves what was just read of an instance as a safety snapshot, whether it changed or not. The store gets what its
 * settings let it have.
 * @param takenAt milliseconds since 1970, when the reading began
 * @throws SecretsFoundError where the store is to hold no secret
 */
export async function saveSafetySnapshot(
  { store, policy, openSpool, clock, logger, signal }: SafetyOptions,
  reading: ComparedReading,
  takenAt: number,
): Promise<SnapshotInfo> {
  using view = await applyStorePolicy(policy, reading.base, reading, openSpool);
  await inspectSecrets(store, policy.secrets, view, logger);
  const { unchanged } = view;
  const { draft } = await makeDraft({
    collected: view,
    before: reading.base,
    unchanged,
    takenAt,
    purpose: 'safety',
    conceals: store.conceals === true,
    label: store.conceals ? randomLabel(clock.random()) : null,
  });
  return (await store.save(draft, signal)).info;
}
