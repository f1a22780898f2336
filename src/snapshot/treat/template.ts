import { NOT_SCANNED } from '../secrets/hit.ts';
import { aroundMarkers, markerAt, markerFor, rulesIn } from '../secrets/marker.ts';

/** Lines with markers of one text that are looked for one by one in another: each costs a look at all of it. */
export const MAX_MARKED_LINES = 100;

/** A text with markers, taken apart: what stands around them, one piece more than there are markers, and their rules. */
export interface Template {
  readonly pieces: readonly string[];
  readonly rules: readonly string[];
}

/** @param plain makes what stands around the markers n8n's own again */
export function templateOf(stored: string, plain: (text: string) => string): Template {
  return { pieces: aroundMarkers(stored).map(plain), rules: rulesIn(stored) };
}

/** The text with something in place of each marker. */
export function fillTemplate({ pieces, rules }: Template, fill: (rule: string, index: number) => string): string {
  return pieces.map((piece, index) => (index === 0 ? piece : fill(rules[index - 1]!, index - 1) + piece)).join('');
}

/** The text as a restore writes it where the target has no secret to put into it. */
export function withMarkers(template: Template): string {
  return fillTemplate(template, markerFor);
}

/** Whether a text can stand in place of a marker of this rule. */
export type CanStand = (text: string, rule: string) => boolean;

/**
 * What stands in a text in the places of the markers, if the text can be what they were put into: it has all that stands
 * between them, in order, and in their places what can be a secret. More than that, such as a line of code, is a
 * change, and must not pass for one. null where the text is another.
 */
export function secretsIn({ pieces, rules }: Template, text: string, canStand: CanStand): string[] | null {
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)];
  if (!text.startsWith(first) || !text.endsWith(last)) return null;
  if (rules.length === 1 && first === '' && last === '') return canBeAll(text, rules[0]!, canStand) ? [text] : null;
  const secrets: string[] = [];
  let from = first.length;
  for (const [index, rule] of rules.entries()) {
    const next = pieces[index + 1]!;
    const end = index === rules.length - 1 ? text.length - last.length : text.indexOf(next, from);
    if (end < from || !canStand(text.slice(from, end), rule)) return null;
    secrets.push(text.slice(from, end));
    from = end + next.length;
  }
  return secrets;
}

/** Where all of a text was the secret, a phrase may have been one: nothing else than what a person may choose. */
function canBeAll(text: string, rule: string, canStand: CanStand): boolean {
  return canStand(text, rule) || /^[\p{L}\p{N} _.,!?@#%&*+:/-]+$/u.test(text);
}

/** A secret is one word, and no formula; a private key has several lines. What could not be scanned is anything. */
export function canBeSecret(text: string, rule: string): boolean {
  if (rule === NOT_SCANNED) return true;
  if (text.startsWith('=') || /\{\{|\$\{/.test(text)) return false;
  return rule === 'private-key' ? !/["'`]/.test(text) : !/[\s"'`]/.test(text);
}

/** A secret, or the marker that an earlier restore had to write in its place. */
export function canBeThere(text: string, rule: string): boolean {
  return isMarker(text) || canBeSecret(text, rule);
}

/** Whether a text of n8n is a marker and nothing else. */
export function isMarker(text: string): boolean {
  return text !== '' && markerAt(text, 0) === text;
}
