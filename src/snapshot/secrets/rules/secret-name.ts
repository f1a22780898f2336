import { wordSet, wordsOf } from './words.ts';

/**
 * What a name promises of its value: one that a person chose (`password`), one that either made (`secret`), one that
 * a machine made (`token`), or only perhaps a secret, so that the value has to show it (`hint`).
 */
export type NamePromise = 'password' | 'secret' | 'token' | 'hint';

const PASSWORDS = (
  'password passwd passphrase passwort pwd pw pass passcode psw kennwort contrasena senha wachtwoord passe ' +
  'motdepasse mdp parola haslo losenord'
).split(' ');
const TOKENS = 'token tokens apikey authorization jwt cookie bearer psk authtoken geheimnis'.split(' ');
const KEYS = wordSet('key keys schlussel schluessel cle clave chave sleutel');
const HINTS = wordSet('auth credential credentials creds session pat');
const LAST = new Map<string, NamePromise>([
  ...PASSWORDS.map((word) => [word, 'password'] as const),
  ...TOKENS.map((word) => [word, 'token'] as const),
  ...['secret', 'secrets'].map((word) => [word, 'secret'] as const),
]);
/** What names without separators end in: `PGPASSWORD`, `accesstoken`. */
const ENDING: readonly (readonly [string, NamePromise])[] = [
  ...['password', 'passwd', 'passwort', 'passphrase'].map((word) => [word, 'password'] as const),
  ['secret', 'secret'],
  ...['token', 'apikey', 'secretkey', 'accesskey', 'privatekey', 'authkey'].map((word) => [word, 'token'] as const),
];

/** `key` alone is the key of a map or a table more often than not. */
const BEFORE_KEY = wordSet(
  'api access auth authentication private secret signing encryption account subscription shared functions app ' +
    'application master service admin license server consumer webhook hmac aes security',
);
/** Keys that tell one thing from another, and those that are no secret. */
const NO_SECRET_KEY = wordSet(
  'primary foreign cache object sort partition public publishable group idempotency translation i18n locale lookup ' +
    'row unique index issue project order customer message deduplication dedup dedupe routing data map search name ' +
    'value field column json xml label menu item hot arrow shift enter press event redis list hash range composite ' +
    'natural surrogate config setting option param property attribute metadata context correlation request trace ' +
    'file image item asset bucket entity record node component template query filter state tenant user',
);
/** Tokens that say where a listing goes on, or what a text is made of. */
const BEFORE_TOKEN = wordSet(
  'page next previous prev continuation cursor sync stop max min prompt completion total start end input output ' +
    'cached special pad mask num per used',
);
/** What follows the word of a secret where something about it is named: `tokenUrl`, `password_length`. */
const ABOUT = wordSet(
  'url uri endpoint path file dir folder type kind name label field fields column header prefix suffix format ' +
    'length size min max count limit id ids index expiry expires expiration expired expire ttl age at date time ' +
    'hint policy rule required enabled disabled valid invalid selector placeholder description title text message ' +
    'error reset changed change strength version param parameter location source provider ref arn manager store ' +
    'storage schema schemes mode method algorithm alg encoding input output page usage budget price cost is in ' +
    'issuer audience scope scopes status state repeat confirmation code question',
);
/** What may follow it and says which of several it is. */
const WHICH = wordSet(
  'prod production live test testing staging stage dev development local new old backup main primary secondary ' +
    'default value val raw plain b64 base64 hex base internal external eu us de uk n8n',
);
/** Names that are secrets where they name a query parameter. */
const IN_QUERY = new Set(['key', 'sig', 'signature', 'code', 'appid']);

/** Finds the words above in a text: a name without one of them promises nothing. Short ones end there. */
export const WORD_OF_SECRET = new RegExp(
  [...LAST.keys(), ...KEYS, ...HINTS, ...IN_QUERY, ...ENDING.map(([ending]) => ending), 'contraseña', 'schlüssel']
    .map((word) => (word.length < 5 ? `${word}(?![a-z])` : word))
    .join('|'),
  'gi',
);

/** More of a name than its last part is not looked at: one name may stand for each of a million values. */
const LONGEST_NAME = 100;
/** Names that were looked at, since the same few come again and again. */
const known = new Map<string, NamePromise | null>();
const MOST_KNOWN = 5000;

/**
 * What a value may be by its name: `X-Api-Key`, `clientSecret`, `DB_PASSWORD`. null: nothing in it promises a secret.
 */
export function promiseOf(name: string): NamePromise | null {
  const end = name.slice(-LONGEST_NAME);
  const before = known.get(end);
  if (before !== undefined) return before;
  if (known.size >= MOST_KNOWN) known.clear();
  const promise = promiseOfWords(wordsOf(end));
  known.set(end, promise);
  return promise;
}

/** The same for a parameter of a query string, where `key=` and `sig=` are secrets, too. */
export function promiseInQuery(name: string): NamePromise | null {
  return promiseOf(name) ?? (IN_QUERY.has(wordsOf(name.slice(-LONGEST_NAME)).at(-1) ?? '') ? 'hint' : null);
}

function promiseOfWords(all: readonly string[]): NamePromise | null {
  const words = [...all];
  while (words.length > 1 && (WHICH.has(words.at(-1)!) || /^v?\d{1,4}$/.test(words.at(-1)!))) words.pop();
  const own = promiseOfLast(words.at(-2) ?? '', words.at(-1) ?? '');
  if (own !== undefined) return own;
  // `TOKEN_GITHUB`: the word comes first, and what follows it says nothing about it.
  if (words.some((word) => ABOUT.has(word))) return null;
  return words.some((word, index) => index < words.length - 1 && isStrong(words[index - 1] ?? '', word))
    ? 'hint'
    : null;
}

function isStrong(before: string, word: string): boolean {
  const promise = promiseOfLast(before, word);
  return promise !== undefined && promise !== null && promise !== 'hint';
}

/** undefined: the word says nothing. null: it says that this is no secret. */
function promiseOfLast(before: string, last: string): NamePromise | null | undefined {
  if ((last === 'token' || last === 'tokens') && BEFORE_TOKEN.has(before)) return null;
  const direct = LAST.get(last);
  if (direct) return direct;
  if (KEYS.has(last)) {
    if (before === '' || NO_SECRET_KEY.has(before)) return null;
    return BEFORE_KEY.has(before) ? 'token' : 'hint';
  }
  if (HINTS.has(last)) return 'hint';
  return ENDING.find(([ending]) => last.endsWith(ending))?.[1];
}
