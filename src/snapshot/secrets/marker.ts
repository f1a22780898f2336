import type { Span } from './hit.ts';

/** What stands where a secret was. The rule's name has lower-case letters, digits and dashes. */
const MARKER = /\[redacted by flowkeep: ([a-z0-9-]+)\]/g;

export function markerFor(rule: string): string {
  return `[redacted by flowkeep: ${rule}]`;
}

/** Whether something was redacted in a text. */
export function hasMarker(text: string): boolean {
  return text.search(MARKER) >= 0;
}

/** The rules that the markers of a text name. */
export function rulesIn(text: string): string[] {
  return [...text.matchAll(MARKER)].map((match) => match[1]!);
}

/** The text between the markers: one piece more than there are markers. */
export function aroundMarkers(text: string): string[] {
  return text.split(/\[redacted by flowkeep: [a-z0-9-]+\]/);
}

/** The text with blanks for its markers, of the same length: a marker is no secret. */
export function blankMarkers(text: string): string {
  return text.replace(MARKER, (marker) => ' '.repeat(marker.length));
}

/** The text with a marker for each span. The spans are in order and do not overlap. */
export function redactText(text: string, spans: readonly Span[]): string {
  let redacted = '';
  let done = 0;
  for (const { start, end, rule } of spans) {
    redacted += text.slice(done, start) + markerFor(rule);
    done = end;
  }
  return redacted + text.slice(done);
}
