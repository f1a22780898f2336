// What looks like a secret from the text around it.

import type { Span } from '../hit.ts';
import { CALLS } from './calls.ts';
import { COMMANDS } from './commands.ts';
import { PAIRS } from './pairs.ts';
import { isBasicPair, isPassword, isPlausible, looksLong, looksRandom } from './plausible.ts';
import { applyRule, joined, valueRule, type TextKind, type TextRule } from './rule.ts';
import { promiseOf } from './secret-name.ts';
import { FORMATS } from './service-formats.ts';

const TEXT_RULES: readonly TextRule[] = [
  valueRule(
    'authorization-value',
    /\b(?<scheme>bearer|basic|token|apikey|api-key)\s{1,4}(?<value>[\w.~+/-]{7,4000}={0,2})(?<!\.)/gi,
    (value, { scheme = '' }) =>
      scheme.toLowerCase() === 'basic' ? isBasicPair(value) : value.length >= 12 && looksRandom(value),
  ),
  valueRule(
    'url-userinfo',
    /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>{}]{0,100}:(?<value>[^\s/@"'<>{}]{3,200})@[\w[]/gi,
    isPassword,
  ),
  valueRule('url-userinfo', /\bhttps?:\/\/(?<value>[\w-]{16,200})@[\w[]/gi, looksLong),
  PAIRS,
  valueRule(
    'named-secret',
    // <name>value</name>
    joined(
      /<(?:[\w-]{1,40}:)?(?<name>[A-Za-z_][\w.-]{0,60})(?:\s[^<>]{0,400})?>\s{0,40}/g,
      /(?:<!\[CDATA\[)?(?<value>[^<>\]\s]{3,1000})\s{0,40}(?:\]\]>)?</,
    ),
    (value, { name = '' }) => isPlausible(promiseOf(name), value, 'quoted'),
  ),
  valueRule(
    'named-secret',
    // In prose: API key: value, password for the tests is value
    joined(
      /(?<![\w:])(?<name>(?:api|access|secret|license)[ _-]?key|token|secret|pass(?:word|wort|wd|phrase)|pwd)/gi,
      /\b(?: [a-z]{1,20}){0,4}\s{0,4}(?:\b(?:is|ist|lautet|est|es)\b|=|:)\s{0,4}/,
      /(?<value>[^\s"'`,;<>(){}[\]]{6,200})(?<![.:])(?=$|[\s"'`,;.]|\))/,
    ),
    (value, { name = '' }) =>
      /\d/.test(value) && isPlausible(promiseOf(name) === 'password' ? 'password' : 'token', value, 'bare'),
  ),
  valueRule(
    'named-secret',
    // PASSWORD 'value' of SQL
    /\b(?:PASSWORD|IDENTIFIED\s{1,4}BY)\s{1,4}'(?<value>[^'\n]{4,200})'/gi,
    (value) => isPlausible('password', value, 'bare'),
  ),
  valueRule('named-secret', /\blogin\s{1,4}\S{1,100}\s{1,4}password\s{1,4}(?<value>\S{4,200})/g, (value) =>
    isPlausible('password', value, 'sent'),
  ),
  COMMANDS,
  valueRule(
    'secret-in-command',
    // What a program that asks for a password is given
    joined(
      /\b(?:echo|printf)\s{1,4}(?:-n\s{1,4})?["']?(?<value>[^\s"'|]{4,200})["']?\s{0,4}\|\s{0,4}/g,
      /(?:sudo\s{1,4}(?:-\w{1,10}\s{1,4}){0,4}-S|[^|\n]{1,200}--password-stdin)/,
    ),
    (value) => isPlausible('password', value, 'sent'),
  ),
  valueRule('secret-in-command', /\bsudo\s{1,4}-S\b[^|\n<]{0,200}<<<\s{0,4}["']?(?<value>[^\s"']{4,200})/g, (value) =>
    isPlausible('password', value, 'sent'),
  ),
  ...CALLS,
];

/** Every rule of this room. */
export const RULES: readonly TextRule[] = [...FORMATS, ...TEXT_RULES];

/** Shorter texts hold no secret that can be distinguished from a word. */
const SHORTEST = 8;

/** What looks like a secret from the text around it; the spans may overlap. */
export function scanText(text: string, kind: TextKind): Span[] {
  return text.length < SHORTEST ? [] : TEXT_RULES.flatMap((rule) => applyRule(rule, text, kind));
}

/** What needs nothing around it. */
export function scanFormats(text: string): Span[] {
  return FORMATS.flatMap((rule) => applyRule(rule, text));
}
