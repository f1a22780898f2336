import { EXIT, type ExitCode } from './exit-codes.ts';
import { redact } from './secrets/redact.ts';

export interface FlowkeepErrorOptions {
  /** What the user can do about it; printed on its own line. */
  readonly remedy?: string;
  /** The process exit code that this error leads to when nothing handles it. Default: 1, failed. */
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

/**
 * An error that a user reads: a stable code for scripts, a message that says what is wrong and where, and a remedy.
 * Never put a secret into any of the three; should a server's words hold one, it is hidden here.
 */
export class FlowkeepError extends Error {
  override readonly name: string = 'FlowkeepError';
  readonly code: string;
  readonly remedy: string | undefined;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, options: FlowkeepErrorOptions = {}) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy === undefined ? undefined : redact(options.remedy);
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}

/** The command line or the configuration is wrong. Exit code 2. */
export class UsageError extends FlowkeepError {
  override readonly name = 'UsageError';

  constructor(message: string, remedy?: string) {
    super('usage', message, { exitCode: EXIT.usage, ...(remedy === undefined ? {} : { remedy }) });
  }
}

/** A signal or a caller stopped the work. Exit code 130. */
export class InterruptedError extends FlowkeepError {
  override readonly name = 'InterruptedError';

  constructor(message = 'interrupted') {
    super('interrupted', message, { exitCode: EXIT.interrupted });
  }
}

/** An error as logs, alerts and `--json` show it. */
export interface ErrorInfo {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

/** What is told of anything that was thrown. Secrets are hidden in it. */
export function errorInfo(error: unknown): ErrorInfo {
  if (!(error instanceof FlowkeepError)) return { code: 'internal', message: messageOf(error) };
  const { code, message, remedy } = error;
  return remedy === undefined ? { code, message } : { code, message, remedy };
}

/** The exit code that anything that was thrown leads to. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof FlowkeepError ? error.exitCode : EXIT.failed;
}

/** Throws InterruptedError once the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason instanceof FlowkeepError ? signal.reason : new InterruptedError();
}

/** The message of anything that was thrown, for people. Secrets are hidden in it. */
export function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}

/** Anything that was thrown, as an error that can be thrown again. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new FlowkeepError('internal', String(thrown));
}

/** The code of an error of the operating system (`ENOENT`), or null where it is none. */
export function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : null;
}
