import type { Logger } from '../../lib/logger.ts';
import type { CleanFiles } from '../../snapshot/treat/clean-files.ts';
import type { SecretFinding } from '../../snapshot/treat/finding.ts';
import type { StorePolicy } from '../../snapshot/treat/policy.ts';
import { findSecrets, type FindingsByPath, type StoreView } from '../../snapshot/treat/apply-policy.ts';
import type { Store } from '../../store/store.ts';
import { countFindings, describeFinding, SecretsFoundError } from './secrets-found.ts';

/** Findings in one line of the log; the report has them all. */
const MAX_LOGGED = 20;

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
  policy: StorePolicy,
  { name }: Store,
  view: StoreView,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
  clean?: CleanFiles,
): Promise<StoreSecrets> {
  const found = [...(await findingsOf(policy, view, clean, signal)).values()].flat();
  const { secrets } = policy;
  if (found.length === 0) return { policy: secrets, found };
  if (secrets === 'block') throw new SecretsFoundError(name, found);
  const places = found.slice(0, MAX_LOGGED).map(describeFinding);
  const fields = { store: name, count: found.length, places };
  if (secrets === 'redact') logger.info(fields, `${countFindings(found)} redacted in what is saved`);
  else logger.warn(fields, `${countFindings(found)} in what is saved`);
  return { policy: secrets, found };
}

/** Whether a policy is to look into what is saved as it was read. */
export function looksIntoAll({ secrets }: StorePolicy): boolean {
  return secrets === 'warn' || secrets === 'block';
}

async function findingsOf(
  { secrets, secretExceptions: exceptions }: StorePolicy,
  view: StoreView,
  clean: CleanFiles | undefined,
  signal: AbortSignal,
): Promise<FindingsByPath> {
  switch (secrets) {
    case 'off':
      return new Map();
    case 'redact':
      return new Map([...view.redacted].filter(([path]) => !view.unchanged.has(path)));
    case 'warn':
      return findSecrets(view, exceptions, (path, file) => !view.unchanged.has(path) && !clean?.has(file), signal);
    case 'block':
      return findSecrets(view, exceptions, (_, file) => !clean?.has(file), signal);
  }
}
