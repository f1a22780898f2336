import { anyOf, secretForms } from './secret-forms.ts';

/**
 * Every form of every secret that this process knows, and how often it is known: two secrets may share a form. It is
 * the one thing that all parts share without being handed it: an error may quote a secret wherever a server repeats
 * what it was sent, and must not depend on somebody having thought of that place.
 */
const known = new Map<string, number>();
let pattern: RegExp | null = null;

/** From now on `redact` hides this text, in each of its forms (secret-forms.ts). `Secret` calls it by itself. */
export function rememberSecret(text: string): void {
  for (const form of secretForms(text)) known.set(form, (known.get(form) ?? 0) + 1);
  pattern = null;
}

/** Takes one `rememberSecret` of this text back. */
export function forgetSecret(text: string): void {
  for (const form of secretForms(text)) {
    const left = (known.get(form) ?? 0) - 1;
    if (left > 0) known.set(form, left);
    else known.delete(form);
  }
  pattern = null;
}

/**
 * The text with `[secret]` in place of every known secret: the last line of defence. Errors, logs and everything that
 * is printed pass through it; nothing may rely on it alone.
 */
export function redact(text: string): string {
  if (known.size === 0) return text;
  pattern ??= anyOf(known.keys());
  return text.replace(pattern, '[secret]');
}
