// Where two values or texts differ, without knowing what they are part of.

import { isJsonObject, isRawNumber, type Json, type JsonObject } from '../../lib/json/json.ts';
import { cachedMembers } from '../../kinds/workflows/workflow-references.ts';
import { diffLines } from './lines.ts';
import { alignLists } from './align-lists.ts';
import type { ValueChange } from '../types.ts';

/** Whether two JSON values are equal; members may come in any order. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isRawNumber(a) && isRawNumber(b)) return a.rawJSON === b.rawJSON;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, index) => sameJson(value, b[index]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}

/**
 * Where two values differ, as deep as they can be distinguished. A member that only one side has is one change, however
 * much it holds; texts of several lines come with a line diff.
 */
export function diffValues(from: Json | undefined, to: Json | undefined, path = ''): ValueChange[] {
  if (sameJson(from, to)) return [];
  if (isJsonObject(from) && isJsonObject(to)) return diffObjects(from, to, path);
  if (Array.isArray(from) && Array.isArray(to)) return diffLists(from, to, path);
  const sides = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  if (typeof from === 'string' && typeof to === 'string' && /\n/.test(from + to)) {
    return [{ path, ...sides, lines: diffLines(from, to) }];
  }
  return [{ path, ...sides }];
}

function diffObjects(from: JsonObject, to: JsonObject, path: string): ValueChange[] {
  const cached = cachedMembers(from, to);
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return keys.flatMap((key) =>
    cached.includes(key) ? [] : diffValues(member(from, key), member(to, key), joinPath(path, key)),
  );
}

function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function diffLists(from: readonly Json[], to: readonly Json[], path: string): ValueChange[] {
  const { pairs, order } = alignLists(from, to, sameJson);
  const changes = pairs.flatMap((pair) => {
    const index = pair.to ?? pair.from ?? 0;
    const before = pair.from === null ? undefined : from[pair.from];
    const after = pair.to === null ? undefined : to[pair.to];
    return diffValues(before, after, `${path}[${index}]`);
  });
  return order ? [...changes, { path: `${path} (order)`, ...order }] : changes;
}

/** `a` and `b` → `a.b`; a key that is no plain word is quoted: `a["b c"]`. */
export function joinPath(path: string, key: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
