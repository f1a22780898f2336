import { mapKey } from '../../lib/hash.ts';
import { isJsonObject, type Json } from '../../lib/json/json.ts';

/** Which entries of two lists belong together: indexes into each, null where the other side has none. */
export interface Alignment {
  readonly pairs: readonly { readonly from: number | null; readonly to: number | null }[];
  /** The keys of the entries that both have, where their order differs. */
  readonly order: { readonly from: Json; readonly to: Json } | null;
}

/** Members that name an entry within its list: n8n's own ids first. */
const KEYS = ['id', 'name', 'key'];

/**
 * Pairs the entries of two lists: by a member that names each of them where there is one, so that an inserted entry
 * does not make all that follow look changed; else by place, after setting equal beginnings and ends aside.
 */
export function alignLists(from: readonly Json[], to: readonly Json[], same: (a: Json, b: Json) => boolean): Alignment {
  for (const key of KEYS) {
    const before = entriesBy(key, from);
    const after = before && entriesBy(key, to);
    if (before && after) return alignByKey(before, after);
  }
  return { pairs: alignByPlace(from, to, same), order: null };
}

/** The index and name of each entry, by what finds it. */
type Keyed = ReadonlyMap<string | number, { readonly index: number; readonly name: string | number }>;

/** The entries of a list by a member, or null where an entry has none of its own. */
function entriesBy(key: string, list: readonly Json[]): Keyed | null {
  const entries = new Map<string | number, { index: number; name: string | number }>();
  for (const [index, entry] of list.entries()) {
    const name = isJsonObject(entry) ? entry[key] : undefined;
    if (typeof name !== 'string' && typeof name !== 'number') return null;
    const value = typeof name === 'string' ? mapKey(name) : name;
    if (entries.has(value)) return null;
    entries.set(value, { index, name });
  }
  return entries.size === 0 ? null : entries;
}

function alignByKey(from: Keyed, to: Keyed): Alignment {
  const kept = [...to].map(([key, { index }]) => ({ from: from.get(key)?.index ?? null, to: index }));
  const gone = [...from].filter(([key]) => !to.has(key)).map(([, { index }]) => ({ from: index, to: null }));
  const before = [...from].filter(([key]) => to.has(key));
  const after = [...to].filter(([key]) => from.has(key));
  const moved = before.some(([key], index) => key !== after[index]![0]);
  return { pairs: [...gone, ...kept], order: moved ? { from: namesOf(before), to: namesOf(after) } : null };
}

function namesOf(entries: Iterable<readonly [unknown, { readonly name: string | number }]>): Json {
  return Array.from(entries, ([, { name }]) => name);
}

function alignByPlace(
  from: readonly Json[],
  to: readonly Json[],
  same: (a: Json, b: Json) => boolean,
): Alignment['pairs'] {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && same(from[start]!, to[start]!)) start += 1;
  let end = 0;
  while (end < shorter - start && same(from[from.length - 1 - end]!, to[to.length - 1 - end]!)) end += 1;
  const [before, after] = [from.length - end, to.length - end];
  const pairs: { from: number | null; to: number | null }[] = [];
  for (let index = start; index < Math.max(before, after); index++) {
    pairs.push({ from: index < before ? index : null, to: index < after ? index : null });
  }
  return pairs;
}
