import { isJsonObject, type Json } from '../../lib/json/json.ts';
import type { JsonPath } from '../secrets/hit.ts';
import { hasMarker, rulesIn } from '../secrets/marker.ts';
import { placeOf } from '../secrets/place.ts';
import { setAt } from '../secrets/redact.ts';
import { fillText, gapsOf, maskText } from './align.ts';

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
export function fillGaps<T extends Json>(stored: T, other: Json | undefined): { filled: T; open: OpenPlace[] } {
  const filled = copyOf(stored);
  const open: OpenPlace[] = [];
  for (const gap of gapsOf(stored, other)) {
    const text = gap.other === null ? null : fillText(gap.stored, gap.other.text);
    const whole = text ?? gap.other?.text ?? null;
    if (whole !== null) filled.put(gap.path, whole);
    const why = whole === null || hasMarker(whole) ? 'missing' : text === null ? 'changed' : null;
    if (why === null) continue;
    const rules = [...new Set(rulesIn(gap.stored))].join(', ');
    open.push({ ...placeOf(stored, gap.path), rule: rules, why });
  }
  return { filled: filled.value as T, open };
}

/**
 * A document with the markers that another version of it has, where both say the same around them: so that the two can
 * be compared, and neither shows a secret that the other hides.
 */
export function maskLike<T extends Json>(document: T, marked: Json | undefined): T {
  if (marked === undefined) return document;
  const masked = copyOf(document);
  for (const { stored, other } of gapsOf(marked, document))
    if (other !== null) masked.put(other.path, maskText(stored, other.text));
  return masked.value as T;
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
