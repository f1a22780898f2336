import { errorInfo, type ErrorInfo } from '../../lib/errors.ts';
import { printable } from '../../lib/printable.ts';
import { SecretsFoundError } from '../../jobs/backup/secrets-found.ts';
import type { Output } from './output.ts';

/** An error as `--json` prints it. */
export interface ErrorDocument extends ErrorInfo {
  /** Where secrets are that a store must not get. */
  readonly secrets?: SecretsFoundError['findings'];
}

export function errorDocument(error: unknown): ErrorDocument {
  const secrets = error instanceof SecretsFoundError ? { secrets: error.findings } : {};
  return { ...errorInfo(error), ...secrets };
}

/** An error for people: what is wrong, and on the next line what to do. */
export function errorLines(error: unknown, palette: Output['palette']): string[] {
  return infoLines(errorDocument(error), palette);
}

/** The same for what a report says of itself. */
export function infoLines({ message, remedy }: ErrorInfo, palette: Output['palette']): string[] {
  const lines = message.split('\n').map(printable);
  const told = [`${palette.red('error:')} ${lines[0] ?? ''}`, ...lines.slice(1)];
  if (remedy !== undefined) told.push(`  ${palette.cyan('→')} ${printable(remedy)}`);
  return told;
}
