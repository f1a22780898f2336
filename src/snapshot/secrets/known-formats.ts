import type { rules as Rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Span } from './hit.ts';
import { narrowed } from './rules/narrow.ts';
import { scanFormats } from './rules/text-rules.ts';

/** Finds what the services themselves made recognisable: keys and tokens with a fixed beginning, private keys, DSNs. */
export type FormatScanner = (text: string) => Promise<Span[]>;

/** A rule of secretlint's. */
export type KnownRule = (typeof Rules)[number];
type Context = Parameters<KnownRule['create']>[0];
type Source = Parameters<NonNullable<ReturnType<KnownRule['create']>['file']>>[0];

/** Lets a comment in a text switch rules off: the author of a workflow does not decide what is a secret. */
const SWITCH = '@secretlint/secretlint-rule-filter-comments';

let loaded: Promise<FormatScanner> | undefined;

/**
 * secretlint's recommended rules and a few of our own, in this process, without network. Loaded when something is to
 * be saved.
 */
export function formatScanner(): Promise<FormatScanner> {
  return (loaded ??= load());
}

async function load(): Promise<FormatScanner> {
  const rules = await knownRules();
  return async (text) => {
    const found = await Promise.all(rules.map((rule) => applyKnownRule(rule, text)));
    return [...found.flat(), ...scanFormats(text)];
  };
}

/** secretlint's rules that say what is a secret. */
export async function knownRules(): Promise<KnownRule[]> {
  const { rules } = await import('@secretlint/secretlint-rule-preset-recommend');
  return rules.filter((rule) => rule.meta.id !== SWITCH);
}

/**
 * What one of secretlint's rules takes for a secret. The rules are called without secretlint's core, which makes a
 * message for people of each secret, with its line, and compares each message with all others.
 */
export async function applyKnownRule(rule: KnownRule, text: string): Promise<Span[]> {
  const found: Span[] = [];
  const context: Context = {
    sharedOptions: {},
    createTranslator: () => (messageId) => ({ message: '', messageId: String(messageId), data: {} }),
    report: ({ message, range: [start, end] }) => {
      found.push(...narrowed({ start, end, rule: ruleName(message.messageId) }, text));
    },
    ignore: () => undefined,
  };
  await rule.create(context, {}).file?.(sourceOf(text));
  return found;
}

/** A text as the rules get it. None of them asks for lines. */
function sourceOf(content: string): Source {
  const never = (): never => {
    throw new Error('a rule asked for a line of a text');
  };
  return {
    ...{ content, filePath: 'text', contentType: 'text', ext: '', hasBOM: false, physicalFilePath: undefined },
    ...{ getFilePath: () => 'text', getPhysicalFilePath: () => undefined },
    ...{ rangeToLocation: never, locationToRange: never, indexToPosition: never, positionToIndex: never },
  };
}

/** `GITHUB_TOKEN` and `AWSSecretAccessKey` as `github-token` and `aws-secret-access-key`. */
function ruleName(messageId: string): string {
  return messageId
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase();
}
