import { UsageError } from '../lib/errors.ts';
import type { Kind } from '../kinds/kinds.ts';
import { singular } from '../kinds/kinds.ts';
import { foldName, type Only } from '../kinds/only.ts';
import { slug, safeId } from '../snapshot/format/paths.ts';

/** Whether an item is to be compared. */
export type Wants = (kind: Kind, id: string) => boolean;

/** Says which items are wanted, and remembers which wishes found none. */
export class OnlyFilter {
  readonly #only: readonly Only[];
  readonly #wants: Wants;
  readonly #found = new Set<Only>();

  /** @param wants is asked first: what it does not want is not looked at */
  constructor(only: readonly Only[], wants: Wants = () => true) {
    this.#only = only;
    this.#wants = wants;
  }

  /** Whether anything of a kind is wanted. */
  wantsKind(kind: Kind): boolean {
    return this.#only.length === 0 || this.#only.some((each) => each.kind === kind);
  }

  /** Whether an item of this id, that is or was called one of these, is wanted. Names count without regard to case. */
  wants(kind: Kind, id: string, names: readonly string[]): boolean {
    if (!this.#wants(kind, id)) return false;
    return this.#match(kind, (wanted) => wanted === id || names.some((name) => foldName(name) === foldName(wanted)));
  }

  /** Notes that a kind cannot be looked at, so that nobody knows whether what is wanted of it is there. */
  passOver(kind: Kind): void {
    this.#match(kind, () => true);
  }

  /** Notes that an item has these paths, changed or not: an --only that names it is not mistyped. */
  sees(kind: Kind, key: string, slugs: readonly string[]): void {
    this.#match(kind, (wanted) => safeId(wanted) === key || slugs.includes(slug(wanted)));
  }

  #match(kind: Kind, fits: (wanted: string) => boolean): boolean {
    if (this.#only.length === 0) return true;
    const fitting = this.#only.filter((each) => each.kind === kind && (each.wanted === null || fits(each.wanted)));
    for (const each of fitting) this.#found.add(each);
    return fitting.length > 0;
  }

  /** A wish that neither side has an item for is more likely mistyped than meant. @throws UsageError */
  throwIfUnknown(): void {
    const unknown = this.#only.find((each) => each.wanted !== null && !this.#found.has(each));
    if (!unknown) return;
    throw new UsageError(
      `neither side has a ${singular(unknown.kind)} with the name or id ${JSON.stringify(unknown.wanted)}`,
      'Run the diff without --only to list all items.',
    );
  }
}
