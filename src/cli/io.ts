import type { Readable } from 'node:stream';

/** The process as a command sees it. Only src/main.ts makes one from the real process. */
export interface Io {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Folder for temporary files. */
  readonly temporaryFolder: string;
  /** Opened when it is first asked for: most commands read nothing. */
  stdin(): Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Of this process, for people who look for it. */
  readonly pid: number;
  /** Calls the listener at each SIGHUP, until it is disposed of; without a listener the process ends. */
  onHangup(listener: () => void): Disposable;
  /** How long a signal waits for the end of the work, in milliseconds, for a command that has a time of its own. */
  allowToStop(ms: number): void;
  /** Keeps the heap from growing far beyond what most runs need; called where a command begins its work. */
  limitMemory(): void;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
}
