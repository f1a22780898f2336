/** Where a value stands in a JSON document: member names and list indexes, from the outside in. */
export type JsonPath = readonly (string | number)[];

/** A part of a text that a rule takes for a secret. */
export interface Span {
  readonly start: number;
  /** Behind the last character. */
  readonly end: number;
  /** `github-token`: names the rule, in messages and in the marker that redacting leaves. */
  readonly rule: string;
}

/** A secret in a JSON document: the text that holds it, and which part of that text it is. */
export interface Hit extends Span {
  readonly path: JsonPath;
}

/** What stands for a rule where a text could not be scanned: nobody knows whether it has a secret. */
export const NOT_SCANNED = 'not-scanned';

/**
 * The spans in order, those that overlap as one. It bears the name of the longest: two rules often see one secret,
 * and the one that sees more of it is the one that knows it.
 */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (!last || span.start >= last.end) {
      merged.push(span);
      continue;
    }
    const longest = span.end - span.start > last.end - last.start ? span : last;
    merged[merged.length - 1] = { ...longest, start: last.start, end: Math.max(last.end, span.end) };
  }
  return merged;
}
