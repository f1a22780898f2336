import { isJsonObject, type Json } from '../../lib/json/json.ts';
import type { JsonPath } from '../secrets/hit.ts';
import { aroundMarkers, hasMarker, rulesIn } from '../secrets/marker.ts';

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
 */
export function* gapsOf(stored: Json, other: Json | undefined): Generator<Gap> {
  // Most documents have no marker, and are not worth aligning.
  if (holdsMarker(stored)) yield* gapsIn(stored, other, [], []);
}

function holdsMarker(value: Json): boolean {
  if (typeof value === 'string') return hasMarker(value);
  if (Array.isArray(value)) return value.some(holdsMarker);
  return isJsonObject(value) && Object.values(value).some(holdsMarker);
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

/**
 * Whether a text can be what a text with markers was made of: it has all that stands between them, in order, and what
 * stands in their places can be a secret. More than that, such as a line of code, is a change, and must not pass for
 * one.
 */
export function fits(stored: string, text: string): boolean {
  const pieces = aroundMarkers(stored);
  const rules = rulesIn(stored);
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)];
  // All of it is the secret, whatever that is.
  if (rules.length === 1 && first === '' && last === '') return true;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (const [index, rule] of rules.entries()) {
    const isLast = index === rules.length - 1;
    const end = isLast ? text.length - last.length : text.indexOf(pieces[index + 1]!, from);
    if (end < from || !canBeSecret(text.slice(from, end), rule)) return false;
    from = end + pieces[index + 1]!.length;
  }
  return true;
}

/** A secret within a text is one word; a private key has several lines. */
function canBeSecret(text: string, rule: string): boolean {
  return rule === 'private-key' ? !/["'`]/.test(text) : !/[\s"'`]/.test(text);
}

/** Lines with markers of one text that are looked for one by one in another; a text with more is taken as a whole. */
const MAX_LINES = 100;

/**
 * A text with markers filled with what another version of it has at their places; null if that cannot be known. What
 * was changed elsewhere stays as it is in the first: only the lines with markers are taken from the other.
 */
export function fillText(stored: string, text: string): string | null {
  if (fits(stored, text)) return text;
  const marked = markedLines(stored);
  if (marked.length > MAX_LINES) return null;
  const lines = [...new Set(text.split('\n'))];
  const found = new Map(
    marked.map((line) => {
      const candidates = lines.filter((each) => fits(line, each));
      return [line, candidates.length === 1 ? candidates[0]! : null];
    }),
  );
  if ([...found.values()].includes(null)) return null;
  return stored
    .split('\n')
    .map((line) => found.get(line) ?? line)
    .join('\n');
}

/** A text with the markers of a stored one, in each line that says the same as one of that around its markers. */
export function maskText(stored: string, text: string): string {
  if (fits(stored, text)) return stored;
  const marked = markedLines(stored)
    .filter((line) => aroundMarkers(line).join('') !== '')
    .slice(0, MAX_LINES);
  return text
    .split('\n')
    .map((line) => marked.find((each) => fits(each, line)) ?? line)
    .join('\n');
}

/** The lines that have a marker, each once. */
function markedLines(stored: string): string[] {
  return [...new Set(stored.split('\n').filter(hasMarker))];
}
