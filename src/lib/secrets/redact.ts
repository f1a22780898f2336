import { anyOf, secretForms } from './secret-forms.ts';

/**
 * Every form of every secret that this process has seen. It is the one thing that all parts share without being handed
 * it: an error may quote a secret wherever a server repeats what it was sent, and must not depend on somebody having
 * thought of that place.
 */
const known = new Set<string>();
let pattern: RegExp | null = null;

/** From now on `redact` hides this text, in each of its forms (secret-forms.ts). `Secret` calls it by itself. */
export function rememberSecret(text: string): void {
  for (const form of secretForms(text)) known.add(form);
  pattern = null;
}

/**
 * The text with `[secret]` in place of every known secret: the last line of defence. Errors, logs and everything that
 * is printed pass through it; nothing may rely on it alone.
 */
export function redact(text: string): string {
  if (known.size === 0) return text;
  pattern ??= anyOf(known);
  return text.replace(pattern, '[secret]');
}
