import { mapKey } from '../../lib/hash.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { objectsIn, textMember } from '../../kinds/fields.ts';

/** A node of one version and the same node of the other; null where the other has none. */
export interface NodePair {
  readonly from: JsonObject | null;
  readonly to: JsonObject | null;
}

export const nodeId = textMember('id');
export const nodeName = textMember('name');

/**
 * Pairs the nodes of two versions: by id, so that a renamed node stays the same node; then by name, because an id is
 * new where a workflow was rebuilt or imported. In the order of the newer version, removed ones last.
 */
export function matchNodes(before: JsonObject | null, after: JsonObject | null): NodePair[] {
  const from = new Set(objectsIn(before?.nodes));
  const to = objectsIn(after?.nodes);
  const partners = new Map<JsonObject, JsonObject>();
  for (const key of [nodeId, nodeName]) {
    const byKey = new Map([...from].filter((node) => key(node) !== '').map((node) => [mapKey(key(node)), node]));
    for (const node of to) {
      const partner = partners.has(node) ? undefined : byKey.get(mapKey(key(node)));
      if (!partner || !from.delete(partner)) continue;
      partners.set(node, partner);
    }
  }
  return [
    ...to.map((node) => ({ from: partners.get(node) ?? null, to: node })),
    ...[...from].map((node) => ({ from: node, to: null })),
  ];
}
