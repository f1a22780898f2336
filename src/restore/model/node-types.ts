import { objectsIn } from '../../kinds/fields.ts';
import { OWN_PACKAGES, splitType } from '../../kinds/workflows/node-powers.ts';
import type { JsonObject } from '../../lib/json/json.ts';

/** The name under which n8n loads nodes from a folder of its own. */
const CUSTOM = 'CUSTOM';

/** The node types of a version that come from community packages, by package: `n8n-nodes-x` → `n8n-nodes-x.y`. */
export function communityNodeTypes(version: JsonObject): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { type } of objectsIn(version.nodes)) {
    if (typeof type !== 'string') continue;
    const { name } = splitType(type);
    if (name === '' || name === CUSTOM || OWN_PACKAGES.has(name)) continue;
    found.set(name, (found.get(name) ?? new Set()).add(type));
  }
  return found;
}
