import type { Kind } from '../../kinds/kinds.ts';
import type { IdPair } from '../plan/types.ts';

/**
 * Which id each item of the snapshot has on the target. An item without an entry keeps its own. Apply adds those that
 * it creates under a new id.
 */
export class TargetIds {
  readonly #ids = new Map<string, string | null>();
  readonly #created: IdPair[] = [];

  constructor(pairs: Iterable<IdPair>) {
    for (const { kind, from, to } of pairs) this.#ids.set(keyOf(kind, from), to);
  }

  /** The id on the target. null for a project: the caller's own personal one, which no request needs to name. */
  of(kind: Kind, sourceId: string): string | null {
    const key = keyOf(kind, sourceId);
    return this.#ids.has(key) ? (this.#ids.get(key) ?? null) : sourceId;
  }

  /** As `of`, for items that always have an id. */
  idOf(kind: Kind, sourceId: string): string {
    return this.of(kind, sourceId) ?? sourceId;
  }

  /** The project on the target; null: the caller's personal one. */
  projectOf(sourceId: string | null): string | null {
    return sourceId === null ? null : this.of('projects', sourceId);
  }

  /** Remembers what n8n called an item that was just created. */
  created(kind: Kind, from: string, to: string): void {
    this.#ids.set(keyOf(kind, from), to);
    if (from !== to) this.#created.push({ kind, from, to });
  }

  /** What was created under another id, in the order of creation. */
  get newPairs(): readonly IdPair[] {
    return this.#created;
  }

  /** The id on the target where it is another than the snapshot's, else undefined. */
  changed(kind: Kind, sourceId: string): string | undefined {
    const id = this.#ids.get(keyOf(kind, sourceId));
    return id === null || id === sourceId ? undefined : id;
  }
}

function keyOf(kind: Kind, id: string): string {
  return `${kind}:${id}`;
}
