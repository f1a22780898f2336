import { isJsonObject, setMember, type Json } from '../../lib/json/json.ts';
import type { Hit, JsonPath } from './hit.ts';
import { mapLeaves } from './leaves.ts';
import { escapeTyped, redactText } from './marker.ts';
import { valueAt } from './place.ts';

/**
 * A document with markers in place of what was found in it.
 * @param escapes whether its texts are n8n's own, in which nothing is a marker: what looks like one is escaped
 */
export function redact(root: Json, hits: readonly Hit[], escapes: boolean): Json {
  const byText = Map.groupBy(hits, ({ path }) => JSON.stringify(path));
  return mapLeaves(root, (text, path) => {
    const own = byText.size === 0 ? undefined : byText.get(JSON.stringify(path));
    if (own) return redactText(text, own, escapes);
    return escapes ? escapeTyped(text) : text;
  });
}

/** Changes the value at a path that is there. */
export function setAt(root: Json, path: JsonPath, value: Json): void {
  const holder = valueAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (Array.isArray(holder) && typeof last === 'number') holder[last] = value;
  else if (isJsonObject(holder) && typeof last === 'string') setMember(holder, last, value);
}
