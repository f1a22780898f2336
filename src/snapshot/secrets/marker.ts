// The one place that makes markers and recognises them. In a file that was redacted each marker is flowkeep's own:
// what an author typed that looks like one is escaped when it is saved, and unescaped when it is read.

import type { Span } from './hit.ts';

/** What stands where a secret was. The rule's name has lower-case letters, digits and dashes. */
const MARKER = markers('');
/** What somebody typed: a marker, with one more `~` than it has in n8n. */
const ESCAPED = markers('~(~*)');
/** A marker, or what would become one by escaping or unescaping. */
const ANY = markers('(~*)');
/** The same, at one place. */
const ANY_THERE = new RegExp(ANY, 'y');
/** What each of them begins with. */
const OPENING = '[redacted by flowkeep';

function markers(tildes: string): RegExp {
  return new RegExp(String.raw`\[redacted by flowkeep${tildes}: ([a-z0-9-]+)\]`, 'g');
}

export function markerFor(rule: string): string {
  return `[redacted by flowkeep: ${rule}]`;
}

/** Whether something was redacted in a text. */
export function hasMarker(text: string): boolean {
  return text.search(MARKER) >= 0;
}

/** Whether a text holds something typed that was escaped. */
export function hasEscaped(text: string): boolean {
  return text.search(ESCAPED) >= 0;
}

/** Whether a file may hold what has to be escaped, or is: told without parsing it. */
export function mayHoldMarker(content: Uint8Array | string): boolean {
  if (typeof content === 'string') return content.includes(OPENING);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(OPENING);
}

/** The marker that a text begins with at an index, as n8n may have it from a restore; null where there is none. */
export function markerAt(text: string, index: number): string | null {
  ANY_THERE.lastIndex = index;
  return ANY_THERE.exec(text)?.[0] ?? null;
}

/** A text of n8n as it is saved where secrets are redacted: nothing in it can be taken for a marker. */
export function escapeTyped(text: string): string {
  return text.replace(ANY, (_, tildes: string, rule: string) => `${OPENING}${tildes}~: ${rule}]`);
}

/** The way back from `escapeTyped`; markers stay. */
export function unescapeTyped(text: string): string {
  return text.replace(ESCAPED, (_, tildes: string, rule: string) => `${OPENING}${tildes}: ${rule}]`);
}

/** The rules that the markers of a text name. */
export function rulesIn(text: string): string[] {
  return [...text.matchAll(MARKER)].map((match) => match[1]!);
}

/** The text between the markers: one piece more than there are markers. */
export function aroundMarkers(text: string): string[] {
  // Between two pieces stands what the pattern captures: the name of a rule.
  return text.split(MARKER).filter((_, index) => index % 2 === 0);
}

/** Longer names of rules, and those with more digits, are no names: a key of lower-case letters is looked at. */
const MAX_NAME = 60;
const MAX_DIGITS = 2;

/** The text with blanks for its markers, typed or not, of the same length: a marker is no secret. */
export function blankMarkers(text: string): string {
  return text.replace(ANY, (marker, _, rule: string) => {
    const isName = rule.length <= MAX_NAME && rule.replaceAll(/\D/g, '').length <= MAX_DIGITS;
    return isName ? ' '.repeat(marker.length) : marker;
  });
}

/**
 * The text with a marker for each span. The spans are in order and do not overlap.
 * @param escapes whether the rest of the text is n8n's own, in which nothing is a marker
 */
export function redactText(text: string, spans: readonly Span[], escapes = false): string {
  const rest = (start: number, end?: number): string => {
    const piece = text.slice(start, end);
    return escapes ? escapeTyped(piece) : piece;
  };
  let redacted = '';
  let done = 0;
  for (const { start, end, rule } of spans) {
    redacted += rest(done, start) + markerFor(rule);
    done = end;
  }
  return redacted + rest(done);
}
