import type { Json } from '../../lib/json.ts';
import { hasMarker, rulesIn } from '../secrets/marker.ts';
import { placeOf } from '../secrets/place.ts';
import { fillText, gapsOf, maskText, withAt } from './align.ts';

/** A place whose secret a person has to enter. */
export interface OpenPlace {
  readonly node: string | null;
  readonly field: string;
  /** What it was taken for: `github-token`. */
  readonly rule: string;
  /**
   * `missing`: the other version has no secret there. `changed`: it has another text there, which is taken as a whole,
   * since its secret cannot be put into this one.
   */
  readonly why: 'missing' | 'changed';
}

/** A document whose markers gave way to what another version of it has at their places, as far as it has. */
export function fillGaps<T extends Json>(
  stored: T,
  other: Json | undefined,
): { filled: T; open: OpenPlace[] } {
  let filled: Json = stored;
  const open: OpenPlace[] = [];
  for (const gap of gapsOf(stored, other)) {
    const text = gap.other === null ? null : fillText(gap.stored, gap.other.text);
    const whole = text ?? gap.other?.text ?? null;
    if (whole !== null) filled = withAt(filled, gap.path, whole);
    const why = whole === null || hasMarker(whole) ? 'missing' : text === null ? 'changed' : null;
    if (why === null) continue;
    const rules = [...new Set(rulesIn(gap.stored))].join(', ');
    open.push({ ...placeOf(stored, gap.path), rule: rules, why });
  }
  return { filled: filled as T, open };
}

/**
 * A document with the markers that another version of it has, where both say the same around them: so that the two can
 * be compared, and neither shows a secret that the other hides.
 */
export function maskLike<T extends Json>(document: T, marked: Json | undefined): T {
  if (marked === undefined) return document;
  let masked: Json = document;
  for (const { stored, other } of gapsOf(marked, document))
    if (other !== null) masked = withAt(masked, other.path, maskText(stored, other.text));
  return masked as T;
}
