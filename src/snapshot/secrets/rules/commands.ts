// Secrets that programs get by a flag of one letter, which means another thing to each program.

import { bareAt, quotedAt, type Literal } from './literal.ts';
import { isPassword, isPlausible } from './plausible.ts';
import type { Found, TextRule } from './rule.ts';

/** What a flag holds: `pair` is `user:password`; `attached` stands behind the flag without a space. */
type Holds = 'value' | 'pair' | 'attached' | 'percent';

const TOOLS: Readonly<Record<string, Readonly<Record<string, readonly Holds[]>>>> = {
  curl: { u: ['pair'], U: ['pair'], user: ['pair'], 'proxy-user': ['pair'], 'oauth2-bearer': ['value'] },
  http: { a: ['pair'], auth: ['pair'] },
  https: { a: ['pair'], auth: ['pair'] },
  wget: {},
  mysql: { p: ['attached'] },
  mysqldump: { p: ['attached'] },
  mysqladmin: { p: ['attached'] },
  mariadb: { p: ['attached'] },
  'mariadb-dump': { p: ['attached'] },
  sshpass: { p: ['value', 'attached'] },
  'redis-cli': { a: ['value'] },
  mongo: { p: ['value'] },
  mongosh: { p: ['value'] },
  mongodump: { p: ['value'] },
  mongorestore: { p: ['value'] },
  mongoexport: { p: ['value'] },
  mongoimport: { p: ['value'] },
  sqlcmd: { P: ['value', 'attached'] },
  bcp: { P: ['value', 'attached'] },
  smbclient: { U: ['percent'] },
  ldapsearch: { w: ['value'] },
  ldapmodify: { w: ['value'] },
  openssl: { pass: ['value'], passin: ['value'], passout: ['value'], k: ['value'] },
  zip: { P: ['value', 'attached'] },
  unzip: { P: ['value', 'attached'] },
  '7z': { p: ['attached'] },
  '7za': { p: ['attached'] },
  unrar: { p: ['attached'] },
  mosquitto_pub: { P: ['value'] },
  mosquitto_sub: { P: ['value'] },
  'cypher-shell': { p: ['value'] },
  plink: { pw: ['value'] },
  xfreerdp: { p: ['value'] },
  login: { p: ['value'] },
  docker: {},
  ssh: {},
  scp: {},
  mkdir: {},
  tar: {},
  sudo: {},
  git: {},
};

const NAMES = Object.keys(TOOLS).join('|');
/** A program, or a flag: of those in between the last program is the one that a flag belongs to. */
const TOOL_OR_FLAG = new RegExp(
  String.raw`(?<![\w./-])(?:/[\w/.-]{1,60}/)?(?<tool>${NAMES})(?=\s)` +
    String.raw`|(?<=\s)(?<dash>-{1,2}|/)(?<flag>[A-Za-z\d]{1,40}(?:-[a-z]{1,20}){0,2})` +
    // What is in quotes has none of either, and what stands between two commands ends the first.
    String.raw`|"(?:[^"\\\n]|\\.){0,2000}"|'[^'\n]{0,2000}'|(?<end>;\s|&&|\|{1,2}\s|(?<!\\)\n)`,
  'g',
);

export const COMMANDS: TextRule = {
  rule: 'secret-in-command',
  // The first program of a text; the others are found from there.
  pattern: new RegExp(String.raw`(?<![\w./-])(?:/[\w/.-]{1,60}/)?(?:${NAMES})(?=\s)[^]*`, 'g'),
  find: ({ index, 0: rest }) => {
    let flags: Readonly<Record<string, readonly Holds[]>> = {};
    const found: Found[] = [];
    for (const { index: at, 0: whole, groups = {} } of rest.matchAll(TOOL_OR_FLAG)) {
      if (groups.tool !== undefined) flags = TOOLS[groups.tool] ?? {};
      else if (groups.end !== undefined) flags = {};
      else if (groups.flag !== undefined) found.push(...secretsOf(rest, at + whole.length, groups, flags));
    }
    return found.map(({ start, end }) => ({ start: index + start, end: index + end }));
  },
};

function secretsOf(
  text: string,
  behind: number,
  { dash = '', flag = '' }: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, readonly Holds[]>>,
): Found[] {
  const own = Object.hasOwn(flags, flag) ? flags[flag]! : [];
  const first = flag[0] ?? '';
  const attached = dash === '-' && Object.hasOwn(flags, first) ? flags[first]! : [];
  return [
    ...own.flatMap((holds) =>
      holds === 'attached' && !/["']/.test(text[behind] ?? '') ? [] : valueOf(text, behind, holds),
    ),
    // `-pVALUE`: all behind the letter is the value.
    ...(attached.includes('attached') ? attachedValue(text, behind - flag.length + 1) : []),
  ];
}

function attachedValue(text: string, at: number): Found[] {
  const value = quotedAt(text, at) ?? bareAt(text, at);
  return value && isSecret(text.slice(value.start, value.end)) ? [value] : [];
}

function valueOf(text: string, behind: number, holds: Holds): Found[] {
  const gap = holds === 'attached' ? '' : (/[\s=:]/.exec(text[behind] ?? '')?.[0] ?? null);
  if (gap === null) return [];
  const at = behind + gap.length;
  const literal = quotedAt(text, at) ?? wordAt(text, at);
  if (!literal) return [];
  const value = text.slice(literal.start, literal.end);
  // Of `user:password` the part behind the sign; openssl names the kind in front.
  const sign = holds === 'pair' ? ':' : holds === 'percent' ? '%' : value.startsWith('pass:') ? ':' : '';
  const skip = sign === '' ? 0 : value.indexOf(sign) + 1;
  if (sign !== '' && skip === 0) return [];
  const secret = value.slice(skip);
  return isSecret(secret) ? [{ start: literal.start + skip, end: literal.end }] : [];
}

/** A word of a command: what has another meaning in code stands in it. */
function wordAt(text: string, at: number): Literal | null {
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0];
  return word === undefined ? null : { start: at, end: at + word.length, quoted: false };
}

const WORD = /[^\s"'`\\|;]{1,512}/y;

function isSecret(value: string): boolean {
  return value.length >= 4 && isPassword(value) && isPlausible('password', value, 'sent');
}
