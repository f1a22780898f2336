import type { Logger } from '../../../src/lib/logger.ts';
import { grepOutput } from './grep.ts';

/** A logger that shows nothing, but whose lines are grepped for planted secrets like all output. */
export const greppedLogger: Logger = {
  debug: (fields, message) => grepLine('debug', fields, message),
  info: (fields, message) => grepLine('info', fields, message),
  warn: (fields, message) => grepLine('warn', fields, message),
  error: (fields, message) => grepLine('error', fields, message),
};

export function grepLine(level: string, fields: object, message: string): void {
  grepOutput(`a line of the log (${level})`, `${message} ${JSON.stringify(fields)}`);
}
