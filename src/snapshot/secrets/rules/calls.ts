// Secrets that a function gets by their position: no name stands beside them.

import { quotedAt, type Literal } from './literal.ts';
import { isPassword, isPlausible, looksLong } from './plausible.ts';
import type { Found, TextRule } from './rule.ts';
import { isNameLike } from './words.ts';

/** Arguments further away than this, and behind more literals, are not looked at. */
const [LONGEST_CALL, MOST_LITERALS] = [400, 6];

/** The literals among the arguments of a call whose brackets open at a place, but not those within an argument. */
function argumentsAt(text: string, open: number): Literal[] {
  const literals: Literal[] = [];
  let [depth, seen] = [0, 0];
  for (let at = open; at < text.length && at < open + LONGEST_CALL && seen < MOST_LITERALS; at += 1) {
    const sign = text[at]!;
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth -= 1;
    else if (`"'\``.includes(sign)) {
      const literal = quotedAt(text, at);
      if (!literal) break;
      if (depth === 1) literals.push(literal);
      seen += 1;
      at = literal.end;
    }
    if (depth === 0) break;
  }
  return literals;
}

function call(names: string, secret: (text: string, literals: readonly Literal[]) => readonly Found[]): TextRule {
  return {
    rule: 'secret-argument',
    pattern: new RegExp(String.raw`(?<![\w$])(?:${names})\s{0,4}=?\s{0,4}\(`, 'g'),
    find: ({ index, 0: whole }, text) => secret(text, argumentsAt(text, index + whole.length - 1)),
  };
}

const ALGORITHM = /^(?:sha|md|hs|rs|es|ps|aes|des|hmac|rc)[-_]?\d{1,3}(?:[-_]\w{1,10}){0,3}$/i;
const ENCODING = /^(?:hex|base64|base64url|utf-?8|latin1|binary|ascii)$/i;

function isChosen(text: string, { start, end }: Literal): boolean {
  const value = text.slice(start, end);
  return value.length >= 6 && !ALGORITHM.test(value) && !ENCODING.test(value) && isPlausible('password', value, 'sent');
}

/** `user:password` in one literal: the part behind the colon. */
function passwordOf(text: string, { start, end }: Literal): Found[] {
  const value = text.slice(start, end);
  const skip = value.indexOf(':') + 1;
  if (skip === 0 || /\s/.test(value) || !isPassword(value.slice(skip))) return [];
  return isPlausible('password', value.slice(skip), 'sent') ? [{ start: start + skip, end }] : [];
}

/** Not the identifiers of databases. */
const NO_KEY = /^(?:[\da-f]{24}|[\da-f]{32}|[\da-f]{40}|[\da-f]{64})$/i;

export const CALLS: readonly TextRule[] = [
  // Ciphers, and what signs: each literal that is no algorithm is the key.
  call(
    String.raw`createHmac|hash_hmac|createCipheriv|createDecipheriv|hmac\.new|SecretKeySpec|HmacSHA(?:1|256|512)|` +
      String.raw`(?:jwt|JWT|jsonwebtoken)(?:\.|::)(?:sign|verify|encode|decode)|openssl_(?:en|de)crypt`,
    (text, literals) => literals.filter((literal) => isChosen(text, literal)),
  ),
  // A user and a password.
  call(
    'auth|HTTPBasicAuth|HTTPDigestAuth|[sS]etBasicAuth|basic_?[aA]uth|BasicAuth|login|NetworkCredential|' +
      'UsernamePasswordCredentials|PSCredential',
    (text, [user, password]) => (user && password && isChosen(text, password) ? [password] : []),
  ),
  // `user:password`, to be encoded or sent.
  call(String.raw`btoa|Buffer\.from|b64encode|base64_encode|encodeToString|base64Encode`, (text, literals) =>
    literals.flatMap((literal) => passwordOf(text, literal)),
  ),
  {
    rule: 'secret-argument',
    pattern: /CURLOPT_(?:USERPWD|PROXYUSERPWD|XOAUTH2_BEARER)\s{0,4}(?:,|=>)\s{0,4}/g,
    find: ({ index, 0: whole }, text) => {
      const literal = quotedAt(text, index + whole.length);
      if (!literal) return [];
      return whole.includes('BEARER') ? [literal].filter((each) => isChosen(text, each)) : passwordOf(text, literal);
    },
  },
  {
    rule: 'secret-argument',
    pattern: /ConvertTo-SecureString\s{1,4}(?:-String\s{1,4})?/gi,
    find: ({ index, 0: whole }, text) => {
      const literal = quotedAt(text, index + whole.length);
      return literal && isChosen(text, literal) ? [literal] : [];
    },
  },
  {
    // The client of a service with nothing but its key.
    rule: 'secret-argument',
    pattern: /(?<![\w$])new\s{1,4}(?!ObjectId|ObjectID|UUID|Date|RegExp|URL|BigInt)[A-Z]\w{1,40}\(\s{0,8}/g,
    find: ({ index, 0: whole }, text) => {
      const literal = quotedAt(text, index + whole.length);
      const value = literal ? text.slice(literal.start, literal.end) : '';
      return literal && value.length >= 20 && looksLong(value) && !NO_KEY.test(value) && !isNameLike(value)
        ? [literal]
        : [];
    },
  },
];
