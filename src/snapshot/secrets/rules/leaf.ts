// The rules that know where a text stands: what names it, and whether n8n runs it.

import type { Span } from '../hit.ts';
import type { Leaf } from '../leaves.ts';
import { viewsOf } from '../unescape.ts';
import { literalsOf } from './expression.ts';
import { judge } from './pairs.ts';
import { isBasicPair, isExpression, isPlausible, looksLong, type Standing } from './plausible.ts';
import { promiseInQuery, promiseOf, type NamePromise } from './secret-name.ts';
import { scanText } from './text-rules.ts';

/** The secrets of a text that its name or the text itself gives away; the spans may overlap. */
export function scanLeaf(leaf: Leaf): Span[] {
  const kind = { isCode: isCode(leaf) };
  const spans = [...scanNamed(leaf), ...scanText(leaf.text, kind)];
  for (const { text, places } of viewsOf(leaf.text))
    for (const { start, end, rule } of scanText(text, kind))
      spans.push({ start: places[start]!, end: places[end]!, rule });
  return spans;
}

/** Members of n8n's nodes that hold code: `jsCode`, `script`, but not `description` and `subscription`. */
const CODE = /(?:^|[^A-Za-z])(?:code|script|function)|Code|Script|Function/;

function isCode({ path, text }: Leaf): boolean {
  return isExpression(text) || path.some((part) => typeof part === 'string' && CODE.test(part));
}

/** A literal whose name promises a secret. The scheme of an Authorization header stays readable. */
function scanNamed(leaf: Leaf): Span[] {
  const { text, name, path } = leaf;
  const promise = path.includes('queryParameters') ? promiseInQuery(name) : promiseOf(name);
  if (promise === null) return [];
  const rule = ruleAt(path);
  if (isExpression(text)) return inExpression(text, promise).map((span) => ({ ...span, rule }));
  if (name.toLowerCase().endsWith('cookie')) return cookiesIn(text).map((span) => ({ ...span, rule }));
  const [lead = '', scheme = ''] = /^=?\s{0,8}([A-Za-z][\w-]{1,30}\s{1,4}(?=\S+\s*$))?/.exec(text) ?? [];
  const value = text.slice(lead.length).trimEnd();
  const found = [{ start: lead.length, end: lead.length + value.length, rule }];
  if (/^basic\s/i.test(scheme)) return isBasicPair(value) ? found : [];
  const own = scheme !== '' && promise === 'password' ? 'token' : promise;
  if (isPlausible(own, value, standingOf(leaf))) return found;
  // Several words can be a password as a whole alone.
  const start = text.startsWith('=') ? 1 : 0;
  return isPlausible(promise, text.slice(start), standingOf(leaf)) ? [{ start, end: text.length, rule }] : [];
}

/** What n8n sends, or gives to expressions as a variable, is a value; other members may name one. */
function standingOf({ path }: Leaf): Standing {
  const isVariable = path.length === 2 && typeof path[0] === 'number' && path[1] === 'value';
  return isVariable || path.some((part) => SENT.has(part)) ? 'sent' : 'quoted';
}

const SENT = new Set<string | number>(['headerParameters', 'queryParameters', 'bodyParameters', 'responseHeaders']);

function inExpression(text: string, promise: NamePromise): { start: number; end: number }[] {
  const { beside, within } = literalsOf(text);
  // What stands beside an expression is a part of a value.
  return [...judge(text, beside, 'token', 'quoted'), ...judge(text, within, promise, 'quoted')];
}

/** Of several cookies those that can be secrets. */
function cookiesIn(text: string): { start: number; end: number }[] {
  return [...text.matchAll(/(?<==)[^\s;=]{16,4000}={0,2}(?=;|\s|$)/g)].flatMap(({ index, 0: value }) =>
    looksLong(value) ? [{ start: index, end: index + value.length }] : [],
  );
}

/** Tells by where n8n keeps the parameters of a request what the secret is part of. */
function ruleAt(path: Leaf['path']): string {
  if (path.includes('headerParameters')) return 'secret-in-header';
  if (path.includes('queryParameters')) return 'secret-in-query';
  return 'named-secret';
}
