import { mapKey } from '../../lib/hash.ts';

/**
 * Gives equal names equal numbers, so that a connection is told from others without writing out the names of its ends:
 * one node with a name of a megabyte may have a hundred thousand connections.
 */
export class NameNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #last: { name: string; number: number }[] = [];

  /**
   * @param place where the name stands in what is numbered. The connections of a node come one after another with the
   * very same string, which is recognised where it was the last one at its place.
   */
  of(name: string, place = 0): number {
    const last = this.#last[place];
    if (last?.name === name) return last.number;
    const key = mapKey(name);
    const number = this.#numbers.get(key) ?? this.#names.push(name) - 1;
    this.#numbers.set(key, number);
    this.#last[place] = { name, number };
    return number;
  }

  nameOf(number: number): string {
    return this.#names[number] ?? '';
  }
}
