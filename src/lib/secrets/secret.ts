// Secrets: a type that cannot be printed, and the redaction of texts that may quote one.

import { inspect } from 'node:util';
import { rememberSecret } from './redact.ts';

/**
 * A secret value. However it is printed (template, JSON, console, logger) it shows as `[secret]`; only `reveal()`
 * gives the value, so that every use of one can be found. What others may quote of it, `redact` hides.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    rememberSecret(value);
  }

  reveal(): string {
    return this.#value;
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
