import { isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import type { JsonPath } from './hit.ts';

/** A text of a JSON document. */
export interface Leaf {
  readonly path: JsonPath;
  readonly text: string;
  /** What it is the value of: a header, a parameter, a variable, a member; '' where nothing names it. */
  readonly name: string;
}

/** Members of a node and of a workflow that say which they are and how they hang together: ids, names and types. */
const OF_NODE = new Set(['id', 'name', 'type', 'credentials', 'webhookId']);
const OF_WORKFLOW = new Set(['id', 'name', 'connections', 'shared', 'tags', 'nodeGroups']);

/**
 * A document with other texts. Names and ids of n8n are passed over, as by `leavesOf`; where no text differs it is the
 * same document.
 * @param path where the document stands in its file: `[0]` for an entry of a list
 */
export function mapLeaves(value: Json, change: (text: string, path: JsonPath) => string, path: JsonPath = []): Json {
  if (typeof value === 'string') return change(value, path);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => mapLeaves(item, change, [...path, index]));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([key, member]): [string, Json] => [
    key,
    isLeftOut(path, key) ? member : mapLeaves(member, change, [...path, key]),
  ]);
  return members.some(([key, member]) => member !== value[key]) ? Object.fromEntries(members) : value;
}

/** The texts of a document, but for names and ids of n8n. */
export function* leavesOf(value: Json, path: JsonPath = [], name = ''): Generator<Leaf> {
  if (typeof value === 'string') yield { path, text: value, name };
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* leavesOf(item, [...path, index], name);
  else if (isJsonObject(value))
    for (const [key, member] of Object.entries(value))
      if (!isLeftOut(path, key)) yield* leavesOf(member, [...path, key], nameOf(value, key, name));
}

/** Whether a member is a name or an id of n8n's: no secret is looked for there, and nothing there is a marker. */
export function isLeftOut(path: JsonPath, key: string): boolean {
  if (path.length === 0) return OF_WORKFLOW.has(key);
  return path.length === 2 && path[0] === 'nodes' && OF_NODE.has(key);
}

/**
 * `{name: "X-Api-Key", value: "..."}` and `{key: ..., value: ...}` are how n8n writes headers, fields and variables.
 */
function nameOf(object: JsonObject, key: string, inherited: string): string {
  if (key !== 'value') return key;
  const { name, key: called } = object;
  if (typeof name === 'string') return name;
  return typeof called === 'string' ? called : inherited;
}
