import { markerAt } from '../secrets/marker.ts';
import { canBeSecret, isMarker, type Template } from './template.ts';

/** A shorter one may be anything. */
const SHORTEST = 4;
const WORD = /[\p{L}\p{N}_$]/u;
/** What code is made of: where little else says where the secret ends, it must not hold any. */
const CODE = /[(){};<>]/;

/**
 * The secrets of a line that was changed, from anywhere in the text of the target. Each is known by the word and the
 * signs before it and by the sign behind it.
 * @returns null where one of them is not found, or more than one could be meant
 */
export function locateSecrets({ pieces, rules }: Template, text: string): string[] | null {
  const secrets = rules.map((rule, index) => locate(pieces[index]!, pieces[index + 1]!, rule, text));
  return secrets.every((secret) => secret !== null) ? secrets : null;
}

function locate(before: string, after: string, rule: string, text: string): string | null {
  const lead = leadOf(before);
  const behind = after.slice(0, 1) || '\n';
  if (lead === null || WORD.test(behind)) return null;
  const found = new Set<string>();
  for (let at = text.indexOf(lead); at >= 0; at = text.indexOf(lead, at + lead.length)) {
    if (WORD.test(text.charAt(at - 1))) continue;
    const start = at + lead.length;
    const next = text.indexOf(behind, start);
    const end = next < 0 && after === '' ? text.length : next;
    const secret = markerAt(text, start) ?? text.slice(start, Math.max(end, start));
    if (isLocated(secret, rule)) found.add(secret);
  }
  return found.size === 1 ? [...found][0]! : null;
}

function isLocated(text: string, rule: string): boolean {
  return isMarker(text) || (text.length >= SHORTEST && canBeSecret(text, rule) && !CODE.test(text));
}

/** The last word of a text with all that follows it: `apiKey = "`. null where it has none. */
function leadOf(text: string): string | null {
  let start = text.length;
  while (start > 0 && !WORD.test(text[start - 1]!)) start -= 1;
  if (start === 0) return null;
  while (start > 0 && WORD.test(text[start - 1]!)) start -= 1;
  return text.slice(start);
}
