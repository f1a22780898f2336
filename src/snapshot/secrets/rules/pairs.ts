// A name and its value, in the ways that code, JSON, YAML, shells, forms and prose put them together.

import { literalsAt, partsOf, quotedAt, bareAt, type Literal } from './literal.ts';
import { isBasicPair, isPlausible, type Standing } from './plausible.ts';
import { joined, type Found, type TextKind, type TextRule } from './rule.ts';
import { promiseInQuery, promiseOf, WORD_OF_SECRET, type NamePromise } from './secret-name.ts';

/**
 * `name: `, `"name" = `, `name => `, `name := `, `['name'] = `, `name: string = `, `"name", `, `--name `, `${NAME:-`,
 * `**Name:** `, `| name | `, `name || `.
 */
const NAME_AND_SIGN = new RegExp(
  String.raw`(?<before>-{0,2})(?<name>[A-Za-z_À-ÿ][\wÀ-ÿ.-]{1,60})(?<close>["'\`]?\]?)` +
    String.raw`(?<sign>[*_]{0,2}\s{0,8}(?:=>|:=|:-|\|{2}=?|\?{2}=?|[:=](?![:=])|,|\|)[*_]{0,2}\s{0,8}|\s{1,8})` +
    String.raw`(?<type>(?:string|String|str|final|const)(?:\s\|\s\w{1,20})?\s{0,8}=\s{0,8})?`,
  'y',
);

/** Behind a name that is a value itself: `{"name": "X-Api-Key", "value": "..."}`. */
const VALUE = joined(
  /["'`][\s,]{1,40}(?:["']?(?:type|id)["']?\s{0,4}[:=]\s{0,4}["']\w{1,20}["'][\s,]{1,20})?/iy,
  /["'`]?(?:value|val|content)["'`]?\s{0,8}[:=]\s{0,8}/,
);

export const PAIRS: TextRule = {
  rule: 'named-secret',
  // Names are many, and those that promise a secret are few: they are found by a word in them.
  pattern: WORD_OF_SECRET,
  find: ({ index, 0: word }, text, kind) => {
    const start = startOfName(text, index);
    if (start === null) return [];
    NAME_AND_SIGN.lastIndex = start;
    const match = NAME_AND_SIGN.exec(text);
    // A name with two such words is found by the first.
    if (!match || index + word.length > start + match[0].length) return [];
    const { before = '', name = '' } = match.groups ?? {};
    VALUE.lastIndex = start + before.length + name.length;
    const held = VALUE.exec(text) && quotedAt(text, VALUE.lastIndex);
    if (held) return judge(text, [held], promiseOf(name), 'quoted');
    const previous = text[start - 1] ?? '';
    const inQuery = previous === '?' || previous === '&';
    const promise = inQuery ? promiseInQuery(name) : promiseOf(name);
    return promise === null ? [] : pairOf(match, text, kind, promise, inQuery);
  },
};

const LONGEST_NAME = 60;
const OF_NAME = /[\wÀ-ÿ.-]/;

/**
 * Where the name begins that has a word at a place; null where it is longer than names are. The dot behind a bracket
 * is none of it, nor is a digit: a name begins with a letter or with the dashes of a flag.
 */
function startOfName(text: string, at: number): number | null {
  let start = at;
  while (start > 0 && OF_NAME.test(text[start - 1]!)) {
    start -= 1;
    if (at - start > LONGEST_NAME) return null;
  }
  while (start < at && /[.\d]/.test(text[start]!)) start += 1;
  return start;
}

function pairOf(
  { index, 0: whole, groups = {} }: RegExpExecArray,
  text: string,
  { isCode }: TextKind,
  promise: NamePromise,
  inQuery: boolean,
): readonly Found[] {
  const { before = '', name = '', close = '', sign = '' } = groups;
  const at = index + whole.length;
  const isQuoted = /["'`]/.test(close);
  switch (sign.trim()) {
    case '': {
      // A flag and its value; else a name that only stands in front.
      const isFlag = before.startsWith('-');
      const literal = quotedAt(text, at) ?? bareAt(text, at);
      return literal ? judge(text, [literal], promise, isFlag ? standingOfFlag(text, literal) : 'loose') : [];
    }
    case ',': {
      const value = isQuoted ? quotedAt(text, at) : null;
      return value ? judge(text, [value], promise, 'bare') : [];
    }
    case '||':
    case '??': {
      // What is taken where the name has no value: `process.env.API_KEY || "..."`.
      const value = quotedAt(text, at);
      return value ? judge(text, [value], promise, 'quoted') : [];
    }
    case '|': {
      const value = bareAt(text, at);
      return value && !isCode ? judge(text, [value], promise, 'bare') : [];
    }
  }
  const { literals, loose } = literalsAt(text, at);
  const [first] = literals;
  if (!first) return [];
  if (first.quoted) return judge(text, literals, promise, loose ? 'loose' : 'quoted');
  // A part of a longer name, such as that of a resource: `arn:...:secret:name-a1b2c3`.
  if (sign === ':' && text[index - 1] === ':') return [];
  const rule = inQuery ? 'url-parameter' : 'named-secret';
  const isSent = sign === '=' && (!isCode || isShellLike(text, index, first));
  if (isSent) return judge(text, literals, promise, 'sent').map((found) => ({ ...found, rule }));
  // In code a word without quotes is the name of a value, unless no name is like it.
  const standing = isCode ? 'loose' : 'bare';
  return isQuoted && isCode ? [] : judge(text, literals, promise, standing).map((found) => ({ ...found, rule }));

  /** In a text of code: `PGPASSWORD=value psql` and `&password=value&`, but not `password=value;`. */
  function isShellLike(from: string, start: number, value: Literal): boolean {
    const [previous, next] = [from[start - 1] ?? '', from[value.end] ?? ''];
    return (/["'`&?\s]/.test(previous) || name === name.toUpperCase()) && /["'`&\s]/.test(next);
  }
}

/** `--password value`: what is in quotes is a value, other words may be prose. */
function standingOfFlag(text: string, { start, end, quoted }: Literal): Standing {
  return quoted || /\d/.test(text.slice(start, end)) ? 'sent' : 'bare';
}

/** The schemes that stand in front of the value of `Authorization`. */
const SCHEME = /^(?:[A-Za-z][\w-]{1,30})\s{1,4}(?=\S+$)/;

/** The secrets in the value of a name: the whole of it, or what no template fills in. */
export function judge(
  text: string,
  literals: readonly Literal[],
  promise: NamePromise | null,
  standing: Standing,
): Found[] {
  return literals.flatMap((literal) => {
    const parts = partsOf(text, literal);
    const isWhole = parts.length === 1 && parts[0]!.end === literal.end && parts[0]!.start === literal.start;
    return parts.flatMap((part): Found[] => {
      const value = text.slice(part.start, part.end);
      const scheme = SCHEME.exec(value)?.[0] ?? '';
      const secret = value.slice(scheme.length).trimEnd();
      const start = part.start + scheme.length;
      const found = [{ start, end: start + secret.length }];
      if (/^basic\s/i.test(scheme)) return isBasicPair(secret) ? found : [];
      // A part of a value, or one behind a word that is no scheme, must show by itself that it is one.
      const own = !isWhole || (scheme !== '' && promise === 'password') ? 'token' : promise;
      return isPlausible(own, secret, isWhole ? standing : 'quoted') ? found : [];
    });
  });
}
