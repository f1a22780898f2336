// Secrets: a type that cannot be printed, and the redaction of texts that may quote one.

import { inspect } from 'node:util';
import { rememberSecret } from './redact.ts';

/**
 * A secret value. However it is printed (template, JSON, console, logger) it shows as `[secret]`; only `reveal()`
 * gives the value, so that every use of one can be found. What others may quote of it, `redact` hides.
 *
 * A secret may change while the program runs (a file that is rotated): whoever uses it asks at each use, and keeps
 * nothing that is made of it.
 */
export class Secret {
  readonly #read: () => string;
  #last: string | null = null;

  /** @param source the value, or what reads it at each use */
  constructor(source: string | (() => string)) {
    this.#read = typeof source === 'string' ? () => source : source;
    if (typeof source === 'string') this.reveal();
  }

  /** @throws FlowkeepError `secret` where it cannot be read any more */
  reveal(): string {
    const value = this.#read();
    if (value !== this.#last) rememberSecret(value);
    this.#last = value;
    return value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
