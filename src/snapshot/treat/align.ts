import { isJsonObject, type Json } from '../../lib/json/json.ts';
import type { JsonPath } from '../secrets/hit.ts';
import { isLeftOut, leavesOf } from '../secrets/leaves.ts';
import { hasMarker } from '../secrets/marker.ts';

/** A text with a marker, and what stands at its place in another version of the same thing. */
export interface Gap {
  readonly path: JsonPath;
  readonly stored: string;
  /** Where its place is in the other version, and the text there; null where there is no such text. */
  readonly other: { readonly path: JsonPath; readonly text: string } | null;
}

/**
 * The texts with markers, each beside what the other version has at its place. Entries of lists belong together by
 * their id or name, so that what was moved is found; others by their index.
 * @param at where the documents stand in their file: `[0]` for an entry of a list
 */
export function* gapsOf(stored: Json, other: Json | undefined, at: JsonPath = []): Generator<Gap> {
  // Most documents have no marker, and are not worth aligning.
  if (holdsMarker(stored, at)) yield* gapsIn(stored, other, at, at);
}

/** Whether something was redacted in a document. Names and ids of n8n are passed over, as by the scan. */
function holdsMarker(value: Json, at: JsonPath = []): boolean {
  for (const { text } of leavesOf(value, at)) if (hasMarker(text)) return true;
  return false;
}

function* gapsIn(stored: Json, other: Json | undefined, path: JsonPath, otherPath: JsonPath): Generator<Gap> {
  if (typeof stored === 'string') {
    if (!hasMarker(stored)) return;
    yield { path, stored, other: typeof other === 'string' ? { path: otherPath, text: other } : null };
  } else if (Array.isArray(stored)) {
    const partners = Array.isArray(other) ? partnersOf(stored, other) : [];
    for (const [index, item] of stored.entries()) {
      const at = partners[index] ?? -1;
      const partner = Array.isArray(other) && at >= 0 ? other[at] : undefined;
      yield* gapsIn(item, partner, [...path, index], [...otherPath, at]);
    }
  } else if (isJsonObject(stored)) {
    for (const [key, member] of Object.entries(stored)) {
      if (isLeftOut(path, key)) continue;
      const partner = isJsonObject(other) && Object.hasOwn(other, key) ? other[key] : undefined;
      yield* gapsIn(member, partner, [...path, key], [...otherPath, key]);
    }
  }
}

/** For each entry of a list the index of the other list's entry that it is; -1 where that has none. */
function partnersOf(stored: readonly Json[], other: readonly Json[]): number[] {
  const indexes = new Map<string, number[]>();
  for (const [index, item] of other.entries())
    for (const key of keysOf(item)) {
      const known = indexes.get(key);
      if (known) known.push(index);
      else indexes.set(key, [index]);
    }
  const free = new Map([...indexes].map(([key, own]) => [key, own.values()]));
  const taken = new Set<number>();
  return stored.map((item, index) => {
    const keys = keysOf(item);
    if (keys.length === 0) return index < other.length ? index : -1;
    for (const key of keys) {
      const found = nextFree(free.get(key), taken);
      if (found === null) continue;
      taken.add(found);
      return found;
    }
    return -1;
  });
}

function nextFree(indexes: Iterator<number> | undefined, taken: ReadonlySet<number>): number | null {
  for (let next = indexes?.next(); next && next.done !== true; next = indexes?.next())
    if (!taken.has(next.value)) return next.value;
  return null;
}

/**
 * What tells an entry from its neighbours, the surest first: a node's id, then its name; a parameter's or field's
 * name.
 */
function keysOf(item: Json): string[] {
  if (!isJsonObject(item)) return [];
  return ['id', 'name', 'key'].flatMap((member) =>
    typeof item[member] === 'string' ? [`${member}:${item[member]}`] : [],
  );
}
