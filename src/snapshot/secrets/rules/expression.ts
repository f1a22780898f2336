// The literals in an expression of n8n's that is the value of a name.

import { quotedAt, type Literal } from './literal.ts';

/** What stands in front of a literal that is a key, an argument, or compared with: no value of the expression. */
const NO_VALUE = /(?:[[(]|[=!]==?|\bcase)\s{0,8}$/;

/** The texts that an expression may give: what stands beside its braces, and the literals within them. */
export function literalsOf(expression: string): { beside: Literal[]; within: Literal[] } {
  const [beside, within]: [Literal[], Literal[]] = [[], []];
  let at = expression.startsWith('=') ? 1 : 0;
  while (at < expression.length) {
    const open = expression.indexOf('{{', at);
    const stop = open < 0 ? expression.length : open;
    if (stop > at) beside.push({ start: at, end: stop, quoted: true });
    if (open < 0) break;
    const close = expression.indexOf('}}', open);
    const end = close < 0 ? expression.length : close;
    within.push(...literalsIn(expression, open + 2, end));
    at = end + 2;
  }
  return { beside, within };
}

function literalsIn(text: string, from: number, to: number): Literal[] {
  const literals: Literal[] = [];
  for (let at = from; at < to; at += 1) {
    if (!`"'\``.includes(text[at]!)) continue;
    const literal = quotedAt(text, at);
    if (!literal) continue;
    if (!NO_VALUE.test(text.slice(Math.max(from, at - 12), at))) literals.push(literal);
    at = literal.end;
  }
  return literals;
}
