import type { Kind } from '../../kinds/kinds.ts';

/** A secret in what was read: where it stands and what makes it one, never the secret. */
export interface SecretFinding {
  readonly kind: Kind;
  /** The item's id; the key of a variable. */
  readonly id: string;
  readonly name: string;
  /** The node of a workflow; null where it is none's. */
  readonly node: string | null;
  /** Where in the node or the item. */
  readonly field: string;
  /** `github-token`: the rule that found it. */
  readonly rule: string;
}

/** What a store gets of one file. */
export interface FileView {
  /** The bytes that the store gets; null where they are those that were given. */
  readonly content: Uint8Array | null;
  readonly findings: readonly SecretFinding[];
}
