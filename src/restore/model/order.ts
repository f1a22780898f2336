import type { Kind } from '../../kinds/kinds.ts';

export { counted, kindOfWord, singular } from '../../kinds/kind-words.ts';

/**
 * The order in which kinds are restored: each after everything that it may refer to. Deletion runs it in reverse.
 * Tags of workflows, publishing and archiving follow after the last kind.
 */
export const RESTORE_ORDER = [
  'community-packages',
  'users',
  'projects',
  'folders',
  'tags',
  'variables',
  'credentials',
  'data-tables',
  'workflows',
] as const satisfies readonly Kind[];

/** Compares kinds by their place in the order of restoring. */
export function compareKinds(a: Kind, b: Kind): number {
  return RESTORE_ORDER.indexOf(a) - RESTORE_ORDER.indexOf(b);
}
