import type { JsonObject } from '../../../src/lib/json/json.ts';

export interface Row extends JsonObject {
  id: number;
}

/** How to make the rows of a huge table: row `id` (1 to `count`) is computed whenever it is asked for. */
export interface GeneratedRows {
  readonly count: number;
  readonly row: (id: number) => Row;
}

export interface RowScan {
  /** Only rows with an id above this one; a keyset filter makes that cheap. */
  readonly aboveId: number;
  readonly descending: boolean;
}

/**
 * The rows of one data table in id order. Generated rows take no memory until they are changed: `changed` holds every
 * row that was written (null where it was deleted), the generator all others.
 */
export class RowTable {
  readonly #changed = new Map<number, Row | null>();
  #generated: GeneratedRows | undefined;
  #highestId: number;
  #count: number;

  constructor(generated?: GeneratedRows) {
    this.#generated = generated;
    this.#highestId = generated?.count ?? 0;
    this.#count = this.#highestId;
  }

  get count(): number {
    return this.#count;
  }

  get(id: number): Row | undefined {
    const changed = this.#changed.get(id);
    if (changed !== undefined) return changed ?? undefined;
    if (this.#generated !== undefined && id >= 1 && id <= this.#generated.count) return this.#generated.row(id);
    return undefined;
  }

  /** Adds a row under the next free id, as SQLite does: one above the highest in use. */
  insert(values: JsonObject): Row {
    const row: Row = { ...values, id: this.#highestId + 1 };
    this.#changed.set(row.id, row);
    this.#highestId = row.id;
    this.#count++;
    return row;
  }

  replace(row: Row): void {
    this.#changed.set(row.id, row);
  }

  delete(id: number): void {
    if (this.get(id) === undefined) return;
    if (this.#generated !== undefined && id <= this.#generated.count) this.#changed.set(id, null);
    else this.#changed.delete(id);
    this.#count--;
    while (this.#highestId > 0 && this.get(this.#highestId) === undefined) this.#highestId--;
  }

  /** Removes every row; the next one gets id 1 again. */
  clear(): void {
    this.#changed.clear();
    this.#generated = undefined;
    this.#highestId = 0;
    this.#count = 0;
  }

  *scan({ aboveId, descending }: RowScan): Generator<Row> {
    const first = aboveId + 1;
    for (let step = 0; step <= this.#highestId - first; step++) {
      const row = this.get(descending ? this.#highestId - step : first + step);
      if (row !== undefined) yield row;
    }
  }

  /**
   * Where a scan in id order may start to skip `offset` rows: exact while no row is missing, else from the beginning.
   */
  skip(offset: number): { aboveId: number; remaining: number } {
    return this.#count === this.#highestId ? { aboveId: offset, remaining: 0 } : { aboveId: 0, remaining: offset };
  }
}
