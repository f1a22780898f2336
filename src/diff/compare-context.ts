import type { Kind } from '../kinds/kinds.ts';
import { compareText } from '../kinds/fields.ts';
import type { Budget } from './budget.ts';
import type { Names } from './names.ts';
import type { OnlyFilter } from './only.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';
import type { ItemDiff, WithheldTexts } from './types.ts';
import type { WorkflowSide } from './workflow/workflow.ts';

/** What the comparers of the kinds share. */
export interface CompareContext {
  readonly from: SnapshotView;
  readonly to: SnapshotView;
  /** Paths whose bytes are known to be the same on both sides. */
  readonly unchanged: ReadonlySet<string>;
  readonly names: { readonly from: Names; readonly to: Names };
  readonly only: OnlyFilter;
  /** What all comparisons together may cost. */
  readonly budget: Budget;
  readonly signal: AbortSignal | undefined;
  /** Given each workflow that differs, with both of its states, while they are in memory. */
  readonly onWorkflow: OnWorkflow | undefined;
  /** Told of each item that has texts which cannot be compared, since a part of them was withheld. */
  readonly onWithheld: (item: WithheldTexts & { readonly kind: Kind }) => void;
}

export type OnWorkflow = (
  item: ItemDiff,
  before: WorkflowSide | null,
  after: WorkflowSide | null,
) => void | Promise<void>;

/** Compares one kind: the items that differ, in no special order. */
export type CompareKind = (context: CompareContext, kind: Kind) => Promise<ItemDiff[]>;

/** Items are compared in batches of this many, so that memory does not grow with their number. */
const BATCH = 50;

export function* batches<T>(items: readonly T[]): Iterable<readonly T[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH);
}

type Named = Pick<ItemDiff, 'id' | 'name'>;

export function byName(a: Named, b: Named): number {
  return compareText(a.name.toLowerCase(), b.name.toLowerCase()) || compareText(a.id, b.id);
}
