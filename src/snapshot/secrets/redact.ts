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
  const top = emptyBranch();
  for (const hit of hits) grow(top, hit.path).hits.push(hit);
  return mapLeaves(root, (text, path) => {
    const own = find(top, path)?.hits ?? [];
    if (own.length > 0) return redactText(text, own, escapes);
    return escapes ? escapeTyped(text) : text;
  });
}

/**
 * What was found, by the members that lead to it. Not by the path as one text: a name of a megabyte would be written
 * out for each of the texts below it.
 */
interface Branch {
  readonly hits: Hit[];
  readonly below: Map<string | number, Branch>;
}

function emptyBranch(): Branch {
  return { hits: [], below: new Map() };
}

function grow(top: Branch, path: JsonPath): Branch {
  return path.reduce((branch, part) => {
    const next = branch.below.get(part) ?? emptyBranch();
    branch.below.set(part, next);
    return next;
  }, top);
}

function find(top: Branch, path: JsonPath): Branch | undefined {
  return path.reduce<Branch | undefined>((branch, part) => branch?.below.get(part), top);
}

/** Changes the value at a path that is there. */
export function setAt(root: Json, path: JsonPath, value: Json): void {
  const holder = valueAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (Array.isArray(holder) && typeof last === 'number') holder[last] = value;
  else if (isJsonObject(holder) && typeof last === 'string') setMember(holder, last, value);
}
