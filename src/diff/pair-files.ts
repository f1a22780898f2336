import { compareText } from '../kinds/fields.ts';
import type { Kind } from '../kinds/kinds.ts';
import { parsePath } from '../snapshot/format/paths.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';
import { mayHoldMarker } from '../snapshot/secrets/marker.ts';
import type { CompareContext } from './compare-context.ts';
import { formsOf } from './level.ts';

/** The files of one item on both sides, by what each file is within the item (`draft`, `rows/0`). */
export interface ItemFiles {
  readonly key: string;
  readonly from: ReadonlyMap<string, string>;
  readonly to: ReadonlyMap<string, string>;
}

/** The items of a kind that has files for each, on both sides, paired by the id in their paths. */
export function pairFiles(sides: Pick<CompareContext, 'from' | 'to'>, kind: Kind): ItemFiles[] {
  const pairs = new Map<string, { from: Map<string, string>; to: Map<string, string> }>();
  for (const side of ['from', 'to'] as const) {
    for (const path of sides[side].files.keys()) {
      const found = parsePath(path);
      if (found?.part !== kind || found.role === 'schema') continue;
      const { id, role, rowsFile } = found;
      const pair = pairs.get(id) ?? { from: new Map<string, string>(), to: new Map<string, string>() };
      pairs.set(id, pair);
      pair[side].set(role === 'rows' ? `rows/${rowsFile}` : role, path);
    }
  }
  return [...pairs].map(([key, pair]) => ({ key, ...pair })).sort((a, b) => compareText(a.key, b.key));
}

/** What the paths of an item on both sides call it. */
export function slugsOf({ from, to }: ItemFiles): string[] {
  return [...from.values(), ...to.values()].map((path) => parsePath(path)?.slug ?? '');
}

/**
 * Whether two files are known to be the same without reading either: the same stored object, or reported when it was
 * read.
 */
export function knownSame(context: CompareContext, kind: Kind, before: string, path: string): boolean {
  const { from, to, unchanged } = context;
  // The same bytes say something else where a marker in them is flowkeep's on one side and typed on the other.
  if (differInForm(context, kind)) return false;
  if (before === path && unchanged.has(path)) return true;
  const object = to.objectOf?.(path);
  return object !== undefined && object === from.objectOf?.(before);
}

/** Whether a file of the older side says what a file of the newer one does. */
export function sameContent(context: CompareContext, kind: Kind, before: string, content: Uint8Array): boolean {
  return context.from.matches(before, content) && !(differInForm(context, kind) && mayHoldMarker(content));
}

function differInForm(context: CompareContext, kind: Kind): boolean {
  const forms = formsOf(context, kind);
  return forms.from !== forms.to;
}

/**
 * The items whose files are not the same on both sides. Sizes and stored objects tell most; of the rest the newer
 * file is read and the older side asked whether it has these bytes, one file at a time.
 */
export async function findDiffering(
  context: CompareContext,
  kind: Kind,
  items: readonly ItemFiles[],
): Promise<Set<ItemFiles>> {
  const { from, to, signal } = context;
  const differing = new Set<ItemFiles>();
  const open = new Map<string, { item: ItemFiles; path: string }>();
  for (const item of items) {
    if (item.from.size !== item.to.size) differing.add(item);
    for (const [role, path] of item.to) {
      const before = item.from.get(role);
      if (before === undefined || sizeOf(from, before) !== sizeOf(to, path)) differing.add(item);
      else if (!knownSame(context, kind, before, path)) open.set(path, { item, path: before });
    }
  }
  const unread = [...open].filter(([, { item }]) => !differing.has(item)).map(([path]) => path);
  for await (const [path, content] of to.readMany(unread, signal)) {
    const { item, path: before } = open.get(path)!;
    if (!differing.has(item) && !sameContent(context, kind, before, content)) differing.add(item);
  }
  return differing;
}

function sizeOf(source: SnapshotView, path: string): number | undefined {
  return source.files.get(path)?.size;
}
