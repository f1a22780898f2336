import { isJsonObject, type Json } from '../../lib/json/json.ts';
import type { JsonPath } from './hit.ts';

/** Where in an item something stands, for people. */
export interface Place {
  /** The node of a workflow; null where it is none's. */
  readonly node: string | null;
  /** `parameters.headerParameters.parameters[Authorization].value`, `pinData[0].json.token` */
  readonly field: string;
}

/**
 * Names a place of a document: in the terms of its node where it is one's, of its entry where the document is a list.
 */
export function placeOf(root: Json, path: JsonPath): Place {
  const [first, second] = path;
  if (first === 'nodes' && typeof second === 'number')
    return { node: nameOf(valueAt(root, path.slice(0, 2))) ?? `#${second}`, field: spell(root, path, 2) };
  if (first === 'pinData' && typeof second === 'string')
    return { node: cut(second), field: `pinData${spell(root, path, 2)}` };
  return { node: null, field: spell(root, path, Array.isArray(root) ? 1 : 0) };
}

/** Longer names, and places with more in them, are cut: one of a megabyte may stand above each of many secrets. */
const LONGEST_NAME = 200;
const LONGEST_PLACE = 2000;

/** The part of a path behind its first members. An entry of a list is named by its name, if it has one. */
function spell(root: Json, path: JsonPath, behind: number): string {
  let value = valueAt(root, path.slice(0, behind));
  const parts = path.slice(behind).map((part, index) => {
    value = value === undefined ? undefined : valueAt(value, [part]);
    if (typeof part === 'string') return index === 0 ? cut(part) : `.${cut(part)}`;
    return `[${nameOf(value) ?? part}]`;
  });
  return cut(parts.join(''), LONGEST_PLACE);
}

/** The beginning of a text, for people. */
export function cut(text: string, length = LONGEST_NAME): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

function nameOf(value: Json | undefined): string | null {
  if (!isJsonObject(value)) return null;
  const name = value.name ?? value.key;
  return typeof name === 'string' && name !== '' ? cut(name) : null;
}

/** The value at a path, or undefined if there is none. */
export function valueAt(root: Json, path: JsonPath): Json | undefined {
  return path.reduce<Json | undefined>((value, part) => {
    if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined;
    return isJsonObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }, root);
}

/** The text at a path; '' if there is none. */
export function textAt(root: Json, path: JsonPath): string {
  const value = valueAt(root, path);
  return typeof value === 'string' ? value : '';
}
