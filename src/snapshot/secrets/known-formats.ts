import type { Span } from './hit.ts';
import { isPlaceholder } from './plausible.ts';
import { scanFormats } from './text-rules.ts';

/** Finds what the services themselves made recognisable: keys and tokens with a fixed beginning, private keys, DSNs. */
export type FormatScanner = (text: string) => Promise<Span[]>;

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
  const [{ lintSource }, { rules: all }, { secretLintProfiler }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('@secretlint/profiler'),
  ]);
  // Its marks would stay in memory for as long as a daemon runs.
  secretLintProfiler.setEnabled(false);
  const rules = all.filter((rule) => rule.meta.id !== SWITCH).map((rule) => ({ id: rule.meta.id, rule }));
  return async (text) => {
    const source = { filePath: 'text', content: text, contentType: 'text' } as const;
    const { messages } = await lintSource({ source, options: { config: { rules }, noPhysicFilePath: true } });
    const found = messages.flatMap(({ range: [start, end], messageId }): Span[] =>
      isPlaceholder(text.slice(start, end)) ? [] : [{ start, end, rule: ruleName(messageId) }],
    );
    return [...found, ...scanFormats(text)];
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
