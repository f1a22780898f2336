/** Whether a text that stands where a secret may stand is one: most of what looks like it is an example or a name. */

/** What people write in place of a secret, and texts whose form cannot be a secret. */
const PLACEHOLDERS: readonly RegExp[] = [
  /your|example|placeholder|dummy|change[-_ ]?me|replace|insert|redacted|secret[-_ ]?here|here[>\])]?$|todo/i,
  // A row of the same sign, or the dots of what was shortened.
  /([a-z0-9])\1{4,}|x{4,}|\*{3,}|\.{3}|…/i,
  /^(?:<.*>|\[.*\]|\{.*\}|%.*%|\$\{?\w+\}?)$/,
  // NAME_OF_A_VARIABLE
  /^[A-Z][A-Z]*(?:_[A-Z]+)+$/,
  /^(?:true|false|null|none|undefined|string|test|password|passwd|pass|secret|token|basic|bearer|user|username)$/i,
  /0123456|1234567|abcdefg/i,
];

export function isPlaceholder(text: string): boolean {
  return PLACEHOLDERS.some((pattern) => pattern.test(text));
}

/** Whether n8n computes the text when the workflow runs: then what stands there is a formula. */
export function isExpression(text: string): boolean {
  return text.startsWith('=') && text.includes('{{');
}

/** `items.first.json` and `process.env.TOKEN`: code that names a value. */
const NAME_IN_CODE = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/;
/** Addresses, paths and times have letters and digits, too. */
const OTHER_FORM = /^[a-z][a-z0-9+.-]*:\/\/|^[./~]|^[^@\s]+@[^@\s]+\.[a-z]+$|^\d{4}-\d\d-\d\d/i;
/** A JSON Web Token is made of three such names; it begins with `{"`. */
const TOKEN_OF_PARTS = /^ey[A-Z]/;

/** Whether a text looks made by a machine: at least eight signs without a space, letters and digits mixed. */
export function looksRandom(text: string): boolean {
  if (text.length < 8 || /\s/.test(text) || isPlaceholder(text) || OTHER_FORM.test(text)) return false;
  if (NAME_IN_CODE.test(text) && !TOKEN_OF_PARTS.test(text)) return false;
  if (/\d/.test(text) && /[A-Za-z]/.test(text)) return true;
  return text.length >= 20 && /[a-z][A-Z].*[a-z][A-Z]/.test(text);
}

/** Whether a text can be a password that a person chose: anything short of a sentence. */
export function looksChosen(text: string): boolean {
  return text.length >= 4 && !/\s/.test(text) && !isPlaceholder(text) && !NAME_IN_CODE.test(text);
}

/** Whether a text is the base64 of `user:password`. */
export function isBasicPair(text: string): boolean {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(text)) return false;
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  // The first colon ends the user, so that a row of colons is read once.
  const [, password] = /^[\x20-\x39\x3b-\x7e]+:([\x20-\x7e]+)$/.exec(decoded) ?? [];
  return password !== undefined && !isPlaceholder(password);
}
