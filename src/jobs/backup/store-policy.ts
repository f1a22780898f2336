import type { Logger } from '../../lib/logger.ts';
import type { OpenSpool } from '../../lib/spool.ts';
import type { Collected } from '../../snapshot/collect/collect.ts';
import type { CleanFiles } from '../../snapshot/treat/clean-files.ts';
import type { SecretFinding } from '../../snapshot/treat/finding.ts';
import { DEFAULT_POLICY, type StorePolicy } from '../../snapshot/treat/policy.ts';
import {
  findSecrets,
  applyPolicy,
  type FindingsByPath,
  type StoreView,
} from '../../snapshot/treat/apply-policy.ts';
import type { Store } from '../../store/store.ts';
import { unchangedSince } from './draft.ts';
import type { Target } from '../snapshots/open-target.ts';
import { describeFinding, SecretsFoundError } from './secrets-found.ts';

/** What each store gets of what was read. Without it every store gets all, and secrets are reported. */
export type PolicyOf = (store: Store) => StorePolicy;

export const defaultPolicy: PolicyOf = () => DEFAULT_POLICY;

/** Findings in one line of the log; the report has them all. */
const MAX_LOGGED = 20;

/** What was read, and the snapshot that it was compared with while it was read. */
export interface ComparedReading {
  readonly collected: Collected;
  readonly base: Target['latest'];
}

/** What a store gets of what was read, and how that compares with the newest snapshot that it has. */
export async function applyStorePolicy(
  policy: StorePolicy,
  latest: Target['latest'],
  { collected, base }: ComparedReading,
  openSpool: OpenSpool,
): Promise<StoreView> {
  // A store's latest snapshot need not be the one that the reading was compared with.
  const unchanged = latest === base ? collected.unchanged : await unchangedSince(latest, collected);
  const before = latest && { snapshot: latest, unchanged };
  return applyPolicy(collected, policy, before, openSpool);
}

/** The secrets that a store is about to get, or that were kept from it. */
export interface StoreSecrets {
  readonly policy: StorePolicy['secrets'];
  readonly found: readonly SecretFinding[];
}

/**
 * Looks for secrets in what a store is about to get, and logs where they are. What the store has already is not
 * looked at again, unless it is to have no snapshot with a secret at all.
 * @param clean what was looked into while the instance was read
 * @throws SecretsFoundError where the policy is to save nothing then
 */
export async function inspectSecrets(
  { name }: Store,
  policy: StorePolicy['secrets'],
  view: StoreView,
  logger: Logger,
  clean?: CleanFiles,
): Promise<StoreSecrets> {
  const found = [...(await findingsOf(policy, view, clean))].flatMap(([, findings]) => findings);
  if (found.length === 0) return { policy, found };
  if (policy === 'block') throw new SecretsFoundError(name, found);
  const places = found.slice(0, MAX_LOGGED).map(describeFinding);
  const fields = { store: name, count: found.length, places };
  if (policy === 'redact') logger.info(fields, 'secrets were redacted in what is saved');
  else logger.warn(fields, 'what is saved contains secrets');
  return { policy, found };
}

/** Whether a policy is to look into what is saved as it was read. */
export function looksIntoAll({ secrets }: StorePolicy): boolean {
  return secrets === 'warn' || secrets === 'block';
}

async function findingsOf(
  policy: StorePolicy['secrets'],
  view: StoreView,
  clean: CleanFiles | undefined,
): Promise<FindingsByPath> {
  switch (policy) {
    case 'off':
      return new Map();
    case 'redact':
      return new Map([...view.redacted].filter(([path]) => !view.unchanged.has(path)));
    case 'warn':
      return findSecrets(view, (path, file) => !view.unchanged.has(path) && !clean?.has(file));
    case 'block':
      return findSecrets(view, (_, file) => !clean?.has(file));
  }
}
