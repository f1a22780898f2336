// Whether a text that stands where a secret may stand is one: most of what looks like it is a name, a label or an
// example.

import { isPlaceholder } from './placeholder.ts';
import type { NamePromise } from './secret-name.ts';
import { entropyOf, isNameLike, isWord, wordSet, wordsOf } from './words.ts';

/**
 * How sure it is that a text is a value, and no name of one.
 * `sent`: n8n sends it, or a program gets it: a header, a variable of the environment.
 * `quoted`: a literal of code or JSON. `bare`: it stands without quotes. `loose`: it only stands near its name.
 */
export type Standing = 'sent' | 'quoted' | 'bare' | 'loose';

/** Whether a value can be what its name promises. */
export function isPlausible(promise: NamePromise | null, value: string, standing: Standing = 'quoted'): boolean {
  if (promise === null) return false;
  if (promise === 'hint' || standing === 'loose') return looksLong(value);
  if (promise === 'token' && standing !== 'sent') return looksRandom(value);
  if (looksRandom(value)) return true;
  if (promise !== 'password') return looksChosen(value) && value.length >= 6 && digitsIn(value) >= 2;
  if (APP_PASSWORD.test(value)) return standing !== 'bare';
  return looksChosen(value) && (standing !== 'bare' || isMixed(value));
}

/** Google's passwords for programs, as its page shows them. */
const APP_PASSWORD = /^[a-z]{4}(?: [a-z]{4}){3}$/;

/** `items.first.json` and `process.env.TOKEN`: code that names a value. */
const NAME_IN_CODE = /^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+$/;
/** A JSON Web Token is made of three such names; it begins with `{"`. */
const TOKEN_OF_PARTS = /^ey[A-Z]/;
/** Addresses, paths, selectors and times have letters and digits, too. */
const OTHER_FORMS: readonly RegExp[] = [
  /^[a-z][a-z\d+.-]*:\/\/|^arn:|^!\w/i,
  /^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)*\.[a-z]+$/i,
  /^\d{4}-\d\d-\d\d|^T?\d\d:\d\d/,
  /^\/{1,2}\w{1,40}\[.*\]$/,
  /^v?\d+(?:\.\d+)+$/,
  // Types and algorithms.
  /^(?:(?:var)?char|sha|md|aes|hs|rs|es)[-_]?\d{1,3}(?:[-_][a-z]{2,5})?$/i,
  /^[#.][A-Za-z][a-z]*(?:[-_][a-z]+)*\d?$|^[a-z]*\[.*\]$/,
  // A file, and a selector of a file's part.
  /^[\w/-]+\.(?:txt|json|ya?ml|csv|pem|key|png|jpe?g|pdf|xml|html?|[jt]s|py|sh|env)$/i,
];

function isReference(text: string): boolean {
  if (NAME_IN_CODE.test(text) && !TOKEN_OF_PARTS.test(text)) return true;
  return OTHER_FORMS.some((form) => form.test(text)) || (/^[~.]{0,2}\//.test(text) && isNameLike(text));
}

/** Whether n8n computes the text when the workflow runs: then what stands there is a formula. */
export function isExpression(text: string): boolean {
  return text.startsWith('=') && text.includes('{{');
}

/** Whether a text looks made by a machine: at least eight signs without a space that are no words. */
export function looksRandom(text: string): boolean {
  if (text.length < 8 || /\s/.test(text)) return false;
  const start = text.slice(0, 4000);
  if (!/[A-Za-z]/.test(start)) return false;
  // Without a digit, a text must be long and have more signs than words have.
  if (!/\d/.test(start) && (text.length < 16 || entropyOf(start) <= 3)) return false;
  return !isReference(text) && !isPlaceholder(text) && !isNameLike(text);
}

/** Whether a text looks made by a machine and is long enough to be told without a name that says so. */
export function looksLong(text: string): boolean {
  return text.length >= 16 && looksRandom(text) && /\d/.test(text) && !UUID.test(text) && entropyOf(text) > 3;
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a text can be a password that a person chose: a word that is none of those that forms are made of. */
function looksChosen(text: string): boolean {
  return text.length >= 4 && !/\s/.test(text) && !isReference(text) && !isPlaceholder(text) && !isNameOfSecret(text);
}

/** Letters and something else, or letters that are no word: what is said without quotes and is no word of prose. */
function isMixed(text: string): boolean {
  if (text.length < 6) return false;
  return (
    digitsIn(text) >= 2 ||
    /\w[^\w\s.,:;'’-]|[^\w\s.,:;'’-]\w/.test(text) ||
    (/^[A-Za-z]{8,}$/.test(text) && !isWord(text))
  );
}

function digitsIn(text: string): number {
  return text.length - text.replace(/\d/g, '').length;
}

/** Words of forms, schemas, labels and columns, and of what programs say of a secret. */
const FORM_WORDS = wordSet(
  'required optional string text hidden invalid missing wrong expired valid number boolean object array null ' +
    'undefined true false none nil any unknown visible disabled enabled email mail username user users name login ' +
    'password passwords passwd passphrase passcode pass pwd pw secret secrets token tokens key keys api apikey auth ' +
    'authorization authentication authenticated basic bearer header headers query body path cookie jwt oauth access ' +
    'refresh id ids client public private value values field fields label title type format varchar char uuid int ' +
    'integer date datetime timestamp min max length size default test change placeholder input output form reset ' +
    'forgot forgotten confirm confirmation repeat new old current hash hashed bcrypt argon md5 sha plain plaintext ' +
    'encrypted masked strong weak medium strict custom fixed expression credential generic node yes no ok ' +
    'passed failed success error empty blank never always auto manual read write post get put delete in out is not ' +
    'must be to from with and or the a of my db database data app account page next prev common settings login ' +
    'form option options column row table sent received protected sensitive secure show hide toggle nullable ' +
    'kennwort passwort passworter geheimnis schlussel wiederholen erforderlich ungultig falsch mot de passe ' +
    'motdepasse requis jeton contrasena clave ficha requerido obligatorio senha wachtwoord base64 hex utf8',
);
const SECRET_WORDS = wordSet('password passwd pass pwd secret token key apikey passwort jwt auth');

/** Whether a text names a secret or says something of one: `user_password`, `required|string|min:8`, `Passwort`. */
function isNameOfSecret(text: string): boolean {
  if (!isNameLike(text) || digitsIn(text) > 2) return false;
  const words = wordsOf(text).filter((word) => !/^\d+$/.test(word) && word.length > 1);
  return (
    words.every((word) => FORM_WORDS.has(word)) || (words.length > 1 && words.some((word) => SECRET_WORDS.has(word)))
  );
}

/** Whether a text is the base64 of `user:password`. */
export function isBasicPair(text: string): boolean {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(text)) return false;
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  // The first colon ends the user, so that a row of colons is read once.
  const [, password] = /^[\x20-\x39\x3b-\x7e]*:([\x20-\x7e]+)$/.exec(decoded) ?? [];
  return password !== undefined && isPassword(password);
}

/** What stands behind `user:` is a password by its place, unless it says that it is none. */
export function isPassword(text: string): boolean {
  return !isPlaceholder(text) && !STAND_INS.has(text.toLowerCase()) && !/^\d{1,5}$/.test(text);
}

const STAND_INS = wordSet('password passwd pass pwd secret token string x-oauth-basic passwort key test');
