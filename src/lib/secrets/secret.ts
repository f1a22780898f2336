// Secrets: a type that cannot be printed, and the redaction of texts that may quote one.

import { inspect } from 'node:util';
import { forgetSecret, rememberSecret } from './redact.ts';

export interface SecretOptions {
  readonly read?: () => string;
  readonly partsOf?: (value: string) => readonly string[];
}

const VALUES_KNOWN = 50;

/**
 * A secret value. However it is printed (template, JSON, console, logger) it shows as `[secret]`; only `reveal()`
 * gives the value, so that every use of one can be found. What others may quote of it, `redact` hides.
 *
 * A secret may change while the program runs (a file that is rotated): ask for it at each use, and keep nothing that
 * is made of it. Its last 50 values stay hidden; older ones are forgotten, since a daemon that is given a token each
 * hour would otherwise look for thousands in everything that it prints.
 */
export class Secret {
  readonly #read: () => string;
  readonly #partsOf: (value: string) => readonly string[];
  /** The newest last. */
  readonly #values: string[] = [];

  /**
   * @param value as it is now
   * @param options.read reads it again at each use; without it, it never changes
   * @param options.partsOf what of a value others may quote alone, and is as secret
   */
  constructor(value: string, { read = () => value, partsOf = () => [] }: SecretOptions = {}) {
    this.#read = read;
    this.#partsOf = partsOf;
    this.#remember(value);
  }

  /** @throws FlowkeepError `secret` where it cannot be read any more */
  reveal(): string {
    const value = this.#read();
    if (value !== this.#values.at(-1)) this.#remember(value);
    return value;
  }

  #remember(value: string): void {
    this.#values.push(value);
    for (const text of [value, ...this.#partsOf(value)]) rememberSecret(text);
    const old = this.#values.length > VALUES_KNOWN ? this.#values.shift() : undefined;
    if (old === undefined) return;
    for (const text of [old, ...this.#partsOf(old)]) forgetSecret(text);
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
