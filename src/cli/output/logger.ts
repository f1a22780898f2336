import pino from 'pino';
import type { Logger } from '../../lib/logger.ts';
import { printable } from '../../lib/printable.ts';
import type { Io } from '../io.ts';
import type { LogLevel } from './log-levels.ts';

/**
 * Logs to stderr: pino's JSON lines, or a pretty form when stderr is a terminal. There a command's own output says
 * what happened, so that only warnings are logged unless the level is given.
 */
export async function makeLogger(io: Io, level: LogLevel | undefined): Promise<Logger> {
  const onTerminal = io.stderr.isTTY === true;
  const options: pino.LoggerOptions = {
    level: level ?? (onTerminal ? 'warn' : 'info'),
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['apiKey', 'token', 'password', 'secret', '*.apiKey', '*.token'], censor: '[secret]' },
  };
  const destination = { write: (line: string) => void io.stderr.write(line) };
  if (!onTerminal) return pino(options, destination);
  const { default: pretty } = await import('pino-pretty');
  const prettify = pretty.prettyFactory({
    colorize: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
  });
  return pino(options, {
    write: (line: string) => void io.stderr.write(String(prettify(parsePrintable(line)))),
  });
}

/** What n8n or a store said may be in any field, and must not reach the terminal as it is. JSON lines escape it. */
function parsePrintable(line: string): unknown {
  return JSON.parse(line, (_key, value: unknown) => (typeof value === 'string' ? printable(value) : value));
}
