import { objectsIn } from '../../kinds/fields.ts';
import { splitType } from '../../kinds/workflows/node-powers.ts';
import type { JsonObject } from '../../lib/json/json.ts';

/** Packages whose nodes every n8n has, and the name under which n8n loads nodes from a folder of its own. */
const BUILT_IN: ReadonlySet<string> = new Set(['n8n-nodes-base', '@n8n/n8n-nodes-langchain', 'CUSTOM']);

/** The node types of a version that come from community packages, by package: `n8n-nodes-x` → `n8n-nodes-x.y`. */
export function communityNodeTypes(version: JsonObject): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { type } of objectsIn(version.nodes)) {
    if (typeof type !== 'string') continue;
    const { name } = splitType(type);
    if (name === '' || BUILT_IN.has(name)) continue;
    found.set(name, (found.get(name) ?? new Set()).add(type));
  }
  return found;
}
