import type { Io } from './io.ts';
import type { LogLevel } from './output/log-levels.ts';

/** Flags that every command takes. */
export interface GlobalFlags {
  readonly config?: string;
  readonly instance?: readonly string[];
  readonly store?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly logLevel?: LogLevel;
  /** Of the commands that read content: files of age identities. */
  readonly identity?: readonly string[];
}

/** What a command is given: the process, and the flags of the command and of the program together. */
export interface Invocation<Flags = object> {
  readonly io: Io;
  readonly flags: GlobalFlags & Flags;
}
