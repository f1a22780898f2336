import type { Change, ItemDiff, SnapshotDiff, WithheldTexts } from './types.ts';
import { isEmptyVersion, withoutLayout } from './version.ts';

/** How many items changed in which way. Those that only moved about on the canvas are counted apart. */
export type Totals = Readonly<Record<Change | 'layout', number>>;

export function totalsOf(items: readonly ItemDiff[]): Totals {
  const totals = { added: 0, removed: 0, changed: 0, layout: 0 };
  for (const item of items) totals[item.layoutOnly ? 'layout' : item.change] += 1;
  return totals;
}

/** Every item that differs, over all kinds. */
export function allItems(diff: SnapshotDiff): ItemDiff[] {
  return diff.kinds.flatMap((kind) => kind.items);
}

/** How many texts could not be compared, over all kinds. */
export function withheldTexts(diff: SnapshotDiff): number {
  return countTexts(diff.kinds.flatMap(({ withheld = [] }) => withheld));
}

export function countTexts(items: readonly WithheldTexts[]): number {
  return items.reduce((sum, { texts }) => sum + texts, 0);
}

/** The same diff without what only moves things about on the canvas. */
export function ignoreLayout(diff: SnapshotDiff): SnapshotDiff {
  const kinds = diff.kinds.map((kind) => ({
    ...kind,
    items: kind.items.filter((item) => !item.layoutOnly).map(withoutItemLayout),
  }));
  return { ...diff, kinds };
}

function withoutItemLayout(item: ItemDiff): ItemDiff {
  const { draft, live, ...rest } = item;
  const liveContent = live && withoutLayout(live);
  return {
    ...rest,
    fields: item.fields.filter((field) => !field.layout),
    ...(draft ? { draft: withoutLayout(draft) } : {}),
    ...(liveContent && !isEmptyVersion(liveContent) ? { live: liveContent } : {}),
  };
}
