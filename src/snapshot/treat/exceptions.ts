import type { SecretFinding } from './finding.ts';

/** What a store takes for no secret although a rule found it: all that an exception names must fit. `*`: anything. */
export interface SecretException {
  readonly kind?: string | undefined;
  /** The item's id or name. */
  readonly item?: string | undefined;
  readonly node?: string | undefined;
  readonly field?: string | undefined;
  readonly rule?: string | undefined;
}

/** Whether a finding is one that an exception names. */
export function isExcepted(finding: SecretFinding, exceptions: readonly SecretException[] = []): boolean {
  return exceptions.some(
    ({ kind, item, node, field, rule }) =>
      (kind === undefined || finding.kind === kind) &&
      (item === undefined || fitsGlob(finding.id, item) || fitsGlob(finding.name, item)) &&
      (node === undefined || fitsGlob(finding.node ?? '', node)) &&
      (field === undefined || fitsGlob(finding.field, field)) &&
      (rule === undefined || fitsGlob(finding.rule, rule)),
  );
}

/** Whether a text fits a pattern in which `*` stands for any text. Each part is looked for once, from the left. */
function fitsGlob(text: string, glob: string): boolean {
  const parts = glob.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return text === glob;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
