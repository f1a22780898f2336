// Where two values or texts differ, without knowing what they are part of.

import { isJsonObject, isRawNumber, type Json, type JsonObject } from '../../lib/json/json.ts';
import { cachedMembers } from '../../kinds/workflows/workflow-references.ts';
import type { Budget } from '../budget.ts';
import { diffLines } from './lines.ts';
import { alignLists } from './align-lists.ts';
import type { ValueChange } from '../types.ts';

/** Whether two JSON values are equal; members may come in any order. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return new Sameness().same(a, b);
}

/**
 * Compares values, and remembers of which objects and lists it is known already that they differ: whoever looks for the
 * place level by level asks for the same ones at each.
 */
class Sameness {
  readonly #differing = new WeakMap<object, object>();

  readonly same = (a: Json | undefined, b: Json | undefined): boolean => {
    if (a === b) return true;
    if (isRawNumber(a) && isRawNumber(b)) return a.rawJSON === b.rawJSON;
    const lists = Array.isArray(a) && Array.isArray(b);
    if (!lists && !(isJsonObject(a) && isJsonObject(b))) return false;
    if (this.#differing.get(a) === b) return false;
    const equal = lists ? this.#sameLists(a, b) : this.#sameObjects(a as JsonObject, b as JsonObject);
    if (!equal) this.#differing.set(a, b);
    return equal;
  };

  #sameLists(a: readonly Json[], b: readonly Json[]): boolean {
    return a.length === b.length && a.every((value, index) => this.same(value, b[index]));
  }

  #sameObjects(a: JsonObject, b: JsonObject): boolean {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && this.same(a[key], b[key]))
    );
  }
}

/** What is compared, and with what means: the same for all levels of it. */
interface Walk {
  readonly budget: Budget;
  readonly same: Sameness['same'];
}

/** A path up to this long costs nothing: there is one for each change. Longer ones take a step for each character. */
const FREE_PATH = 200;

/**
 * Where two values differ, as deep as they can be distinguished. A member that only one side has is one change, however
 * much it holds; texts of several lines come with a line diff.
 */
export function diffValues(from: Json | undefined, to: Json | undefined, budget: Budget, path = ''): ValueChange[] {
  return differences(from, to, path, { budget, same: new Sameness().same });
}

function differences(from: Json | undefined, to: Json | undefined, path: string, walk: Walk): ValueChange[] {
  if (walk.same(from, to)) return [];
  const whole = { path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  if (isJsonObject(from) && isJsonObject(to)) return diffObjects(from, to, path, walk) ?? [{ ...whole, coarse: true }];
  if (Array.isArray(from) && Array.isArray(to)) return diffLists(from, to, path, walk) ?? [{ ...whole, coarse: true }];
  if (typeof from === 'string' && typeof to === 'string' && (from.includes('\n') || to.includes('\n'))) {
    const lines = diffLines(from, to, walk.budget);
    return [lines === null ? { ...whole, coarse: true } : { ...whole, lines }];
  }
  return [whole];
}

/** Whether there are steps for naming what is below a path: each name there begins with it. */
function mayName(places: number, path: string, { budget }: Walk): boolean {
  return path.length <= FREE_PATH || budget.allows(path.length * places);
}

function diffObjects(from: JsonObject, to: JsonObject, path: string, walk: Walk): ValueChange[] | null {
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  if (!mayName(keys.length, path, walk)) return null;
  const cached = cachedMembers(from, to);
  return keys.flatMap((key) =>
    cached.includes(key) ? [] : differences(member(from, key), member(to, key), joinPath(path, key), walk),
  );
}

function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function diffLists(from: readonly Json[], to: readonly Json[], path: string, walk: Walk): ValueChange[] | null {
  if (!mayName(from.length + to.length, path, walk)) return null;
  const { pairs, order } = alignLists(from, to, walk.same);
  const changes = pairs.flatMap((pair) => {
    const index = pair.to ?? pair.from ?? 0;
    const before = pair.from === null ? undefined : from[pair.from];
    const after = pair.to === null ? undefined : to[pair.to];
    return differences(before, after, `${path}[${index}]`, walk);
  });
  return order ? [...changes, { path: `${path} (order)`, ...order }] : changes;
}

/** `a` and `b` → `a.b`; a key that is no plain word is quoted: `a["b c"]`. */
export function joinPath(path: string, key: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
