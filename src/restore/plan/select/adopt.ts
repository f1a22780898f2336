import { mapKey } from '../../../lib/hash.ts';
import type { Json } from '../../../lib/json/json.ts';
import { objectsIn } from '../../../kinds/fields.ts';
import { KIND, RESTORE_ORDER, type Kind } from '../../../kinds/kinds.ts';
import { itemsOf } from '../../model/items.ts';
import type { Item, SnapshotModel, WorkflowItem } from '../../model/model.ts';
import type { IdPair } from '../types.ts';

/** Which items of these kinds the target had when an interrupted restore began: ids by kind. */
export type ItemsBefore = Readonly<Partial<Record<Kind, readonly string[]>>>;

/** Kinds of which n8n allows two of one name: only here can a restore that is run again make a second one. */
const ADOPTED_KINDS = RESTORE_ORDER.filter((kind) => KIND[kind].unique === null && KIND[kind].newId !== 'name');

/**
 * What an interrupted restore created under new ids without having been able to save that: items of the target that
 * were not there before it, are like one that the snapshot has and the target lacks, and are nobody's yet.
 */
export function findAdopted(
  source: SnapshotModel,
  live: SnapshotModel,
  before: ItemsBefore,
  saved: readonly IdPair[],
): IdPair[] {
  return ADOPTED_KINDS.flatMap((kind) => {
    const items: Record<'source' | 'live', ReadonlyMap<string, Item>> = {
      source: itemsOf(source, kind),
      live: itemsOf(live, kind),
    };
    const known = new Set(saved.filter((pair) => pair.kind === kind).flatMap(({ to }) => to ?? []));
    const mapped = new Set(
      saved.flatMap(({ kind: of, from, to }) => (of === kind && to !== null && items.live.has(to) ? [from] : [])),
    );
    const there = new Set(before[kind] ?? []);
    const fresh = [...items.live.values()].filter(
      ({ id }) => !there.has(id) && !known.has(id) && !items.source.has(id),
    );
    const missing = [...items.source.values()].filter(({ id }) => !items.live.has(id) && !mapped.has(id));
    return pairUp(kind, missing, fresh);
  });
}

/** The ids that `findAdopted` will want to know when a restore that begins now is interrupted. */
export function itemsBefore(live: SnapshotModel): ItemsBefore {
  return Object.fromEntries(ADOPTED_KINDS.map((kind) => [kind, [...itemsOf(live, kind).keys()]]));
}

/** The workflows of the target that were not there when an interrupted restore began. */
export function createdSince(live: SnapshotModel, before: ItemsBefore): Set<string> {
  const there = new Set(before.workflows ?? live.workflows.keys());
  return new Set([...live.workflows.keys()].filter((id) => !there.has(id)));
}

/** Each item once, in the order of the snapshot. */
function pairUp(kind: Kind, missing: readonly Item[], fresh: readonly Item[]): IdPair[] {
  const like = Map.groupBy(fresh, likenessOf);
  const free = new Map([...like].map(([likeness, items]) => [likeness, items.values()]));
  return missing.flatMap((item) => {
    const next = free.get(likenessOf(item))?.next();
    return !next || next.done ? [] : [{ kind, from: item.id, to: next.value.id }];
  });
}

/**
 * What an item and its copy under another id have in common: the name, and a workflow's node ids or a credential's
 * type.
 */
function likenessOf(item: Item): string {
  const nodes = 'draft' in item ? nodeIdsOf(item as WorkflowItem) : '';
  const type = 'type' in item ? String(item.type) : '';
  return mapKey(JSON.stringify([item.name, type, nodes]));
}

/** Of the live version where there is one apart: a restore writes that first. */
function nodeIdsOf({ draft, published }: WorkflowItem): Json {
  return objectsIn((published ?? draft).nodes)
    .map((node) => (typeof node.id === 'string' ? node.id : ''))
    .sort();
}
