/** What a name promises of its value: one that a person chose, or one that a machine made. */
export type NamePromise = 'password' | 'token';

const PASSWORDS = new Set(['password', 'passwd', 'passphrase', 'passwort', 'pwd', 'pw']);
const TOKENS = new Set(['token', 'secret', 'apikey', 'authorization', 'jwt', 'cookie']);
/** `key` alone is the key of a map or a table more often than not. */
const BEFORE_KEY = new Set(
  (
    'api access auth authentication private secret signing encryption account subscription shared ' +
    'functions app master service'
  ).split(' '),
);
/** Tokens that say where a listing goes on, or what a text is made of. */
const BEFORE_TOKEN = new Set(
  'page next continuation cursor sync stop max prompt completion total start end'.split(' '),
);
/** Names that are secrets where they name a query parameter. */
const IN_QUERY = new Set(['key', 'sig', 'signature', 'auth', 'code']);

/**
 * What a value may be by its name: `X-Api-Key`, `clientSecret`, `DB_PASSWORD`. null: nothing in it promises a secret.
 */
export function promiseOf(name: string): NamePromise | null {
  const words = wordsOf(name);
  const [before = '', last = ''] = [words.at(-2), words.at(-1)];
  if (PASSWORDS.has(last)) return 'password';
  if (last === 'token' && BEFORE_TOKEN.has(before)) return null;
  if (TOKENS.has(last)) return 'token';
  return last === 'key' && BEFORE_KEY.has(before) ? 'token' : null;
}

/** The same for a parameter of a query string, where `key=` and `sig=` are secrets, too. */
export function promiseInQuery(name: string): NamePromise | null {
  return promiseOf(name) ?? (IN_QUERY.has(wordsOf(name).at(-1) ?? '') ? 'token' : null);
}

/** More of a name than its last words is not looked at: one name may stand for each of a million values. */
const LONGEST_NAME = 200;

function wordsOf(name: string): string[] {
  return name
    .slice(-LONGEST_NAME)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
