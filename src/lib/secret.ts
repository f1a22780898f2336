import { inspect } from 'node:util';

/**
 * A secret value. However it is printed (template, JSON, console, logger) it shows as `[secret]`; only `reveal()`
 * gives the value, so that every use of one can be found.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
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
