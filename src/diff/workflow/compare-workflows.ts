import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { pause } from '../../lib/pauses.ts';
import { textOf } from '../../kinds/fields.ts';
import { safeId } from '../../snapshot/format/paths.ts';
import { batches, type CompareContext, type CompareKind } from '../compare-context.ts';
import { levelWorkflows } from '../level.ts';
import { findDiffering, pairFiles, slugsOf, type ItemFiles } from '../pair-files.ts';
import { readJson } from '../read-json.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import type { ItemDiff } from '../types.ts';
import { diffWorkflow, holdsWords, type WorkflowSide } from './workflow.ts';

/** Compares the workflows whose files differ, and those that are in another folder. */
export const compareWorkflows: CompareKind = async (context) => {
  const { from, to } = context;
  const all = pairFiles(context, 'workflows');
  for (const item of all) context.only.sees('workflows', item.key, slugsOf(item));
  const differing = await findDiffering(context, 'workflows', all);
  const moved = movedKeys(context);
  const wanted = all.filter((item) => differing.has(item) || moved.has(item.key));
  const result: ItemDiff[] = [];
  for (const batch of batches(wanted)) {
    const before = await readSides(from, batch, 'from', context);
    const after = await readSides(to, batch, 'to', context);
    for (const { key } of batch) {
      const item = await compareOne(context, before.get(key) ?? null, after.get(key) ?? null);
      if (item) result.push(item);
    }
  }
  return result;
};

/** Keys of the workflows that are in another folder, which their own files do not say. */
function movedKeys({ names }: CompareContext): Set<string> {
  const [before, after] = [names.from.places, names.to.places];
  if (!before || !after) return new Set();
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  return new Set(ids.filter((id) => before.get(id) !== after.get(id)).map((id) => safeId(id)));
}

async function readSides(
  source: SnapshotView,
  batch: readonly ItemFiles[],
  side: 'from' | 'to',
  context: CompareContext,
): Promise<Map<string, WorkflowSide>> {
  const keys = new Map(
    batch.flatMap((item) => [...item[side]].map(([role, path]) => [path, { key: item.key, role }] as const)),
  );
  const found = new Map<string, Record<string, JsonObject>>();
  for await (const [path, value] of readJson(source, keys.keys(), context.signal)) {
    const { key, role } = keys.get(path)!;
    if (isJsonObject(value)) found.set(key, { ...found.get(key), [role]: value });
  }
  return new Map(
    [...found].flatMap(([key, { draft, published = null }]) =>
      draft ? [[key, { draft, published, names: context.names[side] }] as const] : [],
    ),
  );
}

async function compareOne(
  context: CompareContext,
  before: WorkflowSide | null,
  after: WorkflowSide | null,
): Promise<ItemDiff | null> {
  const names = [before, after].flatMap((side) => (side ? [textOf(side.draft.name)] : []));
  const side = after ?? before;
  if (!side || !context.only.wants('workflows', textOf(side.draft.id), names)) return null;
  if (!before || !after) {
    const item = whole(side, after ? 'added' : 'removed');
    await context.onWorkflow?.(item, before, after);
    return item;
  }
  await pause();
  const { before: old, after: now, withheld } = levelWorkflows(context, before, after);
  const [id, name] = [textOf(side.draft.id), textOf(side.draft.name)];
  if (withheld > 0) context.onWithheld({ kind: 'workflows', id, name, texts: withheld });
  await pause();
  const item = await diffWorkflow(old, now, context.budget);
  if (item) await context.onWorkflow?.(item, old, now);
  return item;
}

function whole(side: WorkflowSide, change: 'added' | 'removed'): ItemDiff {
  return {
    kind: 'workflows',
    id: textOf(side.draft.id),
    name: textOf(side.draft.name),
    change,
    layoutOnly: false,
    fields: [],
    holds: holdsWords(side),
  };
}
