import type { Tools } from '../../lib/tools.ts';
import type { Collected } from '../../snapshot/collect/collect.ts';
import { applyPolicy } from '../../snapshot/treat/apply-policy.ts';
import { randomLabel } from '../../snapshot/format/snapshot-id.ts';
import type { StorePolicy } from '../../snapshot/treat/policy.ts';
import type { SnapshotInfo, Store } from '../../store/store.ts';
import { makeDraft } from '../backup/draft.ts';
import { inspectSecrets } from '../backup/inspect-secrets.ts';

export interface SafetyOptions extends Pick<Tools, 'clock' | 'logger' | 'openSpool' | 'signal'> {
  readonly store: Store;
  readonly policy: StorePolicy;
}

/**
 * Saves what was just read of an instance as a safety snapshot, whether it changed or not. The store gets what its
 * settings let it have.
 * @throws SecretsFoundError where the store is to hold no secret
 */
export async function saveSafetySnapshot(
  { store, policy, openSpool, clock, logger, signal }: SafetyOptions,
  collected: Collected,
): Promise<SnapshotInfo> {
  using view = await applyPolicy(collected, policy, collected.base, openSpool, signal);
  await inspectSecrets(policy, store, view, { logger, signal });
  const { draft } = await makeDraft(view, {
    purpose: 'safety',
    conceals: store.conceals === true,
    label: store.conceals ? randomLabel(clock.random()) : null,
    newest: view.base ? [view.base.takenAt] : [],
  });
  const { info, owed } = await store.save(draft, signal);
  if (owed) logger.warn({ store: store.name }, `the safety snapshot is ${owed.message}`);
  return info;
}
