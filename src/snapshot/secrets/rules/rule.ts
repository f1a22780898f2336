import type { Span } from '../hit.ts';
import { isPlaceholder } from './placeholder.ts';

/** What a text is, as far as rules ask. */
export interface TextKind {
  /** Code of n8n's nodes or an expression: what stands there without quotes is a name of a value. */
  readonly isCode: boolean;
}

/**
 * A rule for any text, beside the formats that known-formats.ts has from secretlint. Its time grows with the text and
 * no faster, whatever that says: a part of the pattern that repeats is bounded, or begins where no other attempt does.
 */
export interface TextRule {
  readonly rule: string;
  /** Where to look; global. */
  readonly pattern: RegExp;
  /** The secrets of a match. */
  readonly find: (match: RegExpExecArray, text: string, kind: TextKind) => readonly Found[];
}

/** A part of a text that is a secret; `rule` where it is not that of the rule itself. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly rule?: string;
}

/** What one rule takes for a secret. */
export function applyRule({ rule, pattern, find }: TextRule, text: string, kind: TextKind = { isCode: false }): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(pattern))
    for (const found of find(match, text, kind)) spans.push({ rule, ...found });
  return spans;
}

/** A rule whose secret is the group `value` of its pattern, where that passes a test. */
export function valueRule(
  rule: string,
  pattern: RegExp,
  test: (value: string, groups: Readonly<Record<string, string>>) => boolean = (value) => !isPlaceholder(value),
): TextRule {
  return {
    rule,
    // With the places of groups: the same text may stand in a match twice, such as a password that is the user's name.
    pattern: new RegExp(pattern, `${pattern.flags}d`),
    find: ({ groups = {}, indices }) => {
      const place = indices?.groups?.value;
      if (place === undefined || !test(groups.value ?? '', groups)) return [];
      const [start, end] = place;
      return [{ start, end }];
    },
  };
}

/** One pattern of several parts that follow one another; the flags are those of the first. */
export function joined(...parts: readonly RegExp[]): RegExp {
  return new RegExp(parts.map(({ source }) => source).join(''), parts[0]?.flags);
}
