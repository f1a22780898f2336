import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { printable } from '../../lib/printable.ts';
import { SecretsFoundError } from '../../jobs/backup/secrets-found.ts';
import type { Output } from './output.ts';

/** An error as `--json` prints it. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  /** Where secrets are that a store must not get. */
  readonly secrets?: SecretsFoundError['findings'];
}

export function errorDocument(error: unknown): ErrorDocument {
  if (!(error instanceof FlowkeepError)) return { code: 'internal', message: messageOf(error) };
  return {
    code: error.code,
    message: error.message,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    ...(error instanceof SecretsFoundError ? { secrets: error.findings } : {}),
  };
}

/** An error for people: what is wrong, and on the next line what to do. */
export function errorLines(error: unknown, palette: Output['palette']): string[] {
  const { message, remedy } = errorDocument(error);
  const lines = message.split('\n').map(printable);
  const told = [`${palette.red('error:')} ${lines[0] ?? ''}`, ...lines.slice(1)];
  if (remedy !== undefined) told.push(`  ${palette.cyan('→')} ${printable(remedy)}`);
  return told;
}

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof FlowkeepError ? error.exitCode : EXIT.failed;
}
