import { isJsonObject, setMember, type Json, type JsonObject } from '../lib/json/json.ts';
import { N8nError, UNKNOWN_SHAPE_REMEDY } from '../n8n/http/errors.ts';

/** Any item of n8n that has an id. */
export interface Identified extends JsonObject {
  id: string;
}

/**
 * Checks that a value read from n8n is an object with the text members that flowkeep relies on.
 * @throws N8nError `invalid-answer` that names the request, the item and the member
 */
export function requireText<K extends string>(
  value: unknown,
  members: readonly K[],
  request: string,
): JsonObject & Record<K, string> {
  if (!isJsonObject(value)) throw invalid(request, 'an item is not a JSON object');
  for (const member of members) {
    if (typeof value[member] === 'string' && value[member] !== '') continue;
    const id = typeof value.id === 'string' ? ` of ${JSON.stringify(value.id)}` : '';
    throw invalid(request, `"${member}"${id} is not a string`);
  }
  return value as JsonObject & Record<K, string>;
}

/**
 * Checks members that n8n may leave out: where one is there, it is a list of objects.
 * @throws N8nError `invalid-answer`
 */
export function requireLists(value: JsonObject, members: readonly string[], request: string): void {
  for (const member of members) {
    const list = value[member] ?? [];
    if (Array.isArray(list) && list.every(isJsonObject)) continue;
    throw invalid(request, `"${member}" of ${JSON.stringify(value.id)} is not a list of objects`);
  }
}

/** The error for an answer in another shape than n8n's. `what` is wrong with it. */
export function invalid(request: string, what: string): N8nError {
  return new N8nError('invalid-answer', `unexpected answer from n8n to ${request}: ${what}`, {
    request,
    remedy: UNKNOWN_SHAPE_REMEDY,
  });
}

/** A copy without some members. */
export function omit(object: JsonObject, members: readonly string[]): JsonObject {
  return copyWhere(object, (name) => !members.includes(name));
}

/** A copy with just these members, as far as they are there. */
export function pick(object: JsonObject, members: readonly string[]): JsonObject {
  return copyWhere(object, (name) => members.includes(name));
}

/** Ten times as quick as Object.fromEntries, which counts where each workflow of each run is copied. */
function copyWhere(object: JsonObject, keeps: (name: string) => boolean): JsonObject {
  const copy: JsonObject = {};
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (value === undefined || !keeps(name)) continue;
    setMember(copy, name, value);
  }
  return copy;
}

/** The objects of a list member; anything else counts as an empty list. */
export function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** A text as it is; '' for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Gives every text in a value to `use`, in the order in which they come. */
export function eachText(value: Json, use: (text: string) => void): void {
  if (typeof value === 'string') use(value);
  else if (Array.isArray(value)) for (const entry of value) eachText(entry, use);
  else if (isJsonObject(value)) for (const member of Object.values(value)) eachText(member, use);
}

/** Reads a text member of objects; '' where an object has none. */
export function textMember(member: string): (object: JsonObject) => string {
  return (object) => textOf(object[member]);
}

/** Compares texts by UTF-16 code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A sorted copy, by one or several texts of each item. */
export function sortByText<T>(items: Iterable<T>, ...keys: ((item: T) => string)[]): T[] {
  return [...items].sort((a, b) => {
    for (const key of keys) {
      const order = compareText(key(a), key(b));
      if (order !== 0) return order;
    }
    return 0;
  });
}

/** Whether a member holds anything. n8n writes an empty object and null for the same: none. */
export function hasMembers(value: JsonObject[string]): boolean {
  return isJsonObject(value) ? Object.keys(value).length > 0 : value !== null;
}
