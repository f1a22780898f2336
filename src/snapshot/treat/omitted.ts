import { KIND, KINDS, type Kind } from '../../kinds/kinds.ts';
import { formOf, isHeld, type KindHeader, type SnapshotHeader, type Omitted } from '../format/header.ts';
import type { StorePolicy } from './policy.ts';

/** What a policy keeps out of each kind. */
export function omittedBy(policy: StorePolicy, kind: Kind): Omitted[] {
  const redacts = policy.secrets === 'redact' && KIND[kind].mayHoldSecrets;
  const secrets: Omitted[] = redacts ? ['secrets'] : [];
  switch (kind) {
    case 'workflows':
      return policy.pinData === 'drop' ? ['pinData', ...secrets] : secrets;
    case 'variables':
      return policy.variableValues === 'omit' ? [...secrets, 'values'] : secrets;
    default:
      return secrets;
  }
}

/** The header of what a store with this policy gets. What was carried over may lack more. */
export function withOmissions(header: SnapshotHeader, policy: StorePolicy): SnapshotHeader {
  const kinds: Partial<Record<Kind, KindHeader>> = {};
  for (const kind of KINDS) {
    const entry = header.kinds[kind];
    if (!entry) continue;
    const omitted = isHeld(entry) ? omittedBy(policy, kind) : [];
    const withheld = [...new Set([...(entry.withheld ?? []), ...omitted])].sort();
    // What was carried over with markers in it stays as it was saved.
    const escapes = omitted.includes('secrets') && formOf(entry) === 'plain';
    const markers = escapes ? ({ typedMarkers: 'escaped' } as const) : {};
    kinds[kind] = withheld.length === 0 ? entry : { ...entry, withheld, ...markers };
  }
  return { ...header, kinds };
}

/** How much was kept out of a snapshot, to choose the one that has most. */
export function countOmitted(header: SnapshotHeader): number {
  return Object.values(header.kinds).reduce((sum, kind) => sum + (kind.withheld?.length ?? 0), 0);
}
