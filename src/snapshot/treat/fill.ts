import { isJsonObject, type Json } from '../../lib/json/json.ts';
import type { TextForm } from '../format/header.ts';
import type { JsonPath } from '../secrets/hit.ts';
import { leavesOf, mapLeaves } from '../secrets/leaves.ts';
import { hasEscaped, hasMarker, rulesIn, unescapeTyped } from '../secrets/marker.ts';
import { placeOf } from '../secrets/place.ts';
import { setAt } from '../secrets/redact.ts';
import { gapsOf } from './align.ts';
import { fillText } from './fill-text.ts';
import { canBeSecret, MAX_MARKED_LINES, secretsIn, templateOf, type Template } from './template.ts';

/** A place whose secret a person has to enter. */
export interface OpenPlace {
  readonly node: string | null;
  readonly field: string;
  /** What it was taken for: `github-token`. */
  readonly rule: string;
  /**
   * `missing`: the other version has no secret there. `changed`: it has another text there, whose secret cannot be put
   * into this one, so that all of it stays, or the lines in which the secret may be.
   */
  readonly why: 'missing' | 'changed';
  /** Of `changed`: the lines that stay, from 1; without it the whole text does. */
  readonly lines?: readonly number[];
}

/** A document of a snapshot with what its markers stand for. */
export interface Filled<T> {
  readonly filled: T;
  /** Texts of which a part was taken from the other version. */
  readonly taken: number;
  readonly open: readonly OpenPlace[];
  /** Places where somebody typed a marker, or an earlier restore wrote one. */
  readonly typed: readonly { readonly node: string | null; readonly field: string }[];
}

/**
 * A document as n8n has it, whose markers gave way to what another version of it has at their places, as far as it has.
 * @param at where the document stands in its file: `[0]` for an entry of a list
 */
export function fillGaps<T extends Json>(
  stored: T,
  other: Json | undefined,
  form: TextForm,
  at: JsonPath = [],
): Filled<T> {
  if (form === 'plain') return { filled: stored, taken: 0, open: [], typed: [] };
  const plain = form === 'escaped' ? unescapeTyped : (text: string) => text;
  const filled = copyOf(mapLeaves(stored, plain, at));
  const open: OpenPlace[] = [];
  let taken = 0;
  for (const { path, stored: text, other: there } of gapsOf(stored, other, at)) {
    const place = { ...placeOf(stored, path.slice(at.length)), rule: [...new Set(rulesIn(text))].join(', ') };
    const found = there && fillText(text, there.text, plain);
    if (found) filled.put(path.slice(at.length), found.text);
    if (!found || found.missing) open.push({ ...place, why: 'missing' });
    if (found && (found.kept === 'all' || found.kept.length > 0))
      open.push({ ...place, why: 'changed', ...(found.kept === 'all' ? {} : { lines: found.kept }) });
    else if (found && !found.missing) taken += 1;
  }
  return { filled: filled.value as T, taken, open, typed: form === 'escaped' ? typedPlaces(stored, at) : [] };
}

function typedPlaces(stored: Json, at: JsonPath): { node: string | null; field: string }[] {
  return [...leavesOf(stored, at)].flatMap(({ path, text }) =>
    hasEscaped(text) ? [placeOf(stored, path.slice(at.length))] : [],
  );
}

/**
 * A document with the markers that another version of it has, where both say the same around them: so that the two can
 * be compared, and neither shows a secret that the other hides. Both are written as they are saved.
 * @param at where the documents stand in their file: `[0]` for an entry of a list
 */
export function maskLike<T extends Json>(document: T, marked: Json | undefined, at: JsonPath = []): T {
  if (marked === undefined) return document;
  const masked = copyOf(document);
  for (const { stored, other } of gapsOf(marked, document, at))
    if (other !== null) masked.put(other.path.slice(at.length), maskText(stored, other.text));
  return masked.value as T;
}

/** A text with the markers of a stored one, in each line that says the same as one of that around its markers. */
function maskText(stored: string, text: string): string {
  if (fits(templateOf(stored, same), text)) return stored;
  const marked = [...new Set(stored.split('\n').filter(hasMarker))]
    .map((line) => ({ line, template: templateOf(line, same) }))
    .filter(({ template }) => template.pieces.join('') !== '')
    .slice(0, MAX_MARKED_LINES);
  return text
    .split('\n')
    .map((line) => marked.find(({ template }) => fits(template, line))?.line ?? line)
    .join('\n');
}

function fits(template: Template, text: string): boolean {
  return secretsIn(template, text, canBeSecret) !== null;
}

function same(text: string): string {
  return text;
}

/** A document that is copied with its first change, so that the given one stays as it is. */
function copyOf(document: Json): { value: Json; put(path: JsonPath, text: string): void } {
  let copied = false;
  return {
    value: document,
    put(path, text) {
      if (path.length === 0) this.value = text;
      else {
        if (!copied) this.value = deepCopy(document);
        copied = true;
        setAt(this.value, path, text);
      }
    },
  };
}

function deepCopy(value: Json): Json {
  if (Array.isArray(value)) return value.map(deepCopy);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, deepCopy(member)]));
}
