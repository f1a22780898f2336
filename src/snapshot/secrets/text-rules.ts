import type { Span } from './hit.ts';
import { isBasicPair, isPlaceholder, looksChosen, looksRandom } from './plausible.ts';
import { promiseInQuery, promiseOf, type NamePromise } from './secret-name.ts';

/**
 * A rule for any text, code and prose alike, beside the formats of services that known-formats.ts has. Its time grows
 * with the text and no faster, whatever that says: a part that repeats is bounded, or begins where no other attempt
 * does.
 */
export interface TextRule {
  readonly rule: string;
  readonly pattern: RegExp;
  /** The secret in a match, or null where it is none. */
  readonly secret: (groups: Readonly<Record<string, string>>) => string | null;
}

/** Formats that secretlint does not know, recognised by their fixed parts: a match is a secret wherever it stands. */
const FIXED_FORMATS: readonly TextRule[] = Object.entries({
  'webhook-url':
    /(?:discord(?:app)?\.com\/api\/webhooks\/\d+\/|webhook\.office\.com\/webhookb2\/)(?<value>[\w@/-]{20,})/gi,
  'google-api-key': /\b(?<value>AIza[\w-]{35})/g,
  'google-oauth-secret': /\b(?<value>GOCSPX-[\w-]{20,})/g,
  'google-oauth-token': /\b(?<value>ya29\.[\w-]{20,})/g,
  'telegram-bot-token': /\b(?:bot)?(?<value>\d{8,10}:AA[\w-]{33})/g,
  'airtable-token': /\b(?<value>pat\w{14}\.[0-9a-f]{64})\b/g,
  'digitalocean-token': /\b(?<value>do[opr]_v1_[0-9a-f]{64})\b/g,
  'twilio-key': /\b(?<value>SK[0-9a-f]{32})\b/g,
  'mailgun-key': /\b(?<value>key-[0-9a-f]{32})\b/g,
  'brevo-key': /\b(?<value>xkeysib-[0-9a-f]{64}-\w{16})/g,
  'hubspot-token': /\b(?<value>pat-(?:na|eu)\d-[0-9a-f-]{36})/g,
}).map(([rule, pattern]) => ({
  rule,
  pattern,
  secret: ({ value = '' }) => (isPlaceholder(value) ? null : value),
}));

/**
 * The three parts of a token begin at the beginning of a word alone. What stands before its first `ey` is cut off
 * afterwards: a pattern that looks for that would read the rest of the word at each `-ey` of it.
 */
const WEB_TOKEN: TextRule = {
  rule: 'json-web-token',
  pattern: /(?<![\w-])(?<value>[\w-]{12,}\.ey[\w-]{10,}\.[\w-]{10,})/g,
  secret: ({ value = '' }) => {
    const start = value.search(/\bey/);
    if (start < 0 || value.indexOf('.') - start < 12) return null;
    const token = value.slice(start);
    return isPlaceholder(token) ? null : token;
  },
};

const FORMATS: readonly TextRule[] = [WEB_TOKEN, ...FIXED_FORMATS];

/** What a secret looks like from the text around it. */
const TEXT_RULES: readonly TextRule[] = [
  {
    rule: 'authorization-value',
    pattern: /\b(?<scheme>bearer|basic|token|apikey)\s+(?<value>[\w.~+/-]{7,}[\w~+/-]=*)/gi,
    secret: ({ scheme = '', value = '' }) => {
      if (scheme.toLowerCase() === 'basic') return isBasicPair(value) ? value : null;
      return value.length >= 12 && looksRandom(value) ? value : null;
    },
  },
  {
    rule: 'url-userinfo',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>{}]{0,100}:(?<value>[^\s/@"'<>{}]{3,200})@[\w[]/gi,
    secret: ({ value = '' }) => (isPlaceholder(value) ? null : value),
  },
  {
    rule: 'url-parameter',
    pattern: /[?&](?<name>[\w.-]{2,60})=(?<value>[^&\s"'`<>#{}]{6,2000})/g,
    secret: ({ name = '', value = '' }) => plausible(promiseInQuery(name), value),
  },
  {
    rule: 'named-secret',
    // name: "value", "name": "value", name = 'value', ['name'] = `value`
    pattern: joined(
      /(?<![\w.-])(?<name>[A-Za-z_][\w.-]{1,60})["'`]?\]?\s*(?::|=(?!=))\s*/g,
      /(?<quote>["'`])(?<value>[^"'`\n\\]{4,2000})\k<quote>/,
    ),
    secret: ({ name = '', value = '' }) =>
      value.startsWith('=') || value.includes('${') ? null : plausible(promiseOf(name), value),
  },
  {
    rule: 'named-secret',
    // In prose: API key: value, password for the tests is value
    pattern: joined(
      /\b(?<name>(?:api|access)[ _-]?key|token|secret|password|passwort|passwd|pwd)\b/gi,
      /(?: [a-z]{1,20}){0,4}\s*(?:\bis\b|=|:)\s*(?<value>[^\s"'`,;<>(){}[\]]{8,200})(?=$|[\s"'`,;])/,
    ),
    secret: ({ value = '' }) => (looksRandom(value) && /\d/.test(value) ? value : null),
  },
];

/** Shorter texts hold no secret that can be distinguished from a word. */
const SHORTEST = 8;

/** What looks like a secret from the text around it; the spans may overlap. */
export function scanText(text: string): Span[] {
  return text.length < SHORTEST ? [] : apply(TEXT_RULES, text);
}

/** What needs nothing around it: little of that is wrong, also in text that nobody wrote as code. */
export function scanFormats(text: string): Span[] {
  return apply(FORMATS, text);
}

/** Every rule of this file. */
export const RULES: readonly TextRule[] = [...FORMATS, ...TEXT_RULES];

function apply(rules: readonly TextRule[], text: string): Span[] {
  return rules.flatMap((rule) => applyRule(rule, text));
}

/** What one rule takes for a secret. */
export function applyRule({ rule, pattern, secret }: TextRule, text: string): Span[] {
  return [...text.matchAll(pattern)].flatMap((match): Span[] => {
    const value = secret(match.groups ?? {});
    if (value === null) return [];
    // The value is the last group: what equals it in front of it is another group.
    const start = match.index + match[0].lastIndexOf(value);
    return [{ start, end: start + value.length, rule }];
  });
}

/** The value where it can be what its name promises. */
export function plausible(promise: NamePromise | null, value: string): string | null {
  if (promise === null) return null;
  return (promise === 'password' ? looksChosen(value) : looksRandom(value)) ? value : null;
}

/** One pattern of several parts that follow one another; the flags are those of the first. */
function joined(...parts: readonly RegExp[]): RegExp {
  return new RegExp(parts.map(({ source }) => source).join(''), parts[0]?.flags);
}
