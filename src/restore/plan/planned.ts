import type { ActionKey, Change, Note, Work } from './types.ts';

/** What the planner of a kind says of one item; plan.ts makes an action of it. */
export interface Planned {
  /** What differs from the item on the target; empty if there is no such item, or if nothing differs. */
  readonly changes: readonly Change[];
  readonly notes: readonly Note[];
  readonly dependsOn: readonly ActionKey[];
  readonly work: Work;
  /** It cannot be done. */
  readonly blocked?: { readonly reason: string; readonly remedy: string };
  /** An option is needed that was not given. */
  readonly skipped?: string;
}
