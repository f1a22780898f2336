import { FAULT_SORTS, type FaultSort } from '../support/faults/sorts.ts';
import type { SeededFaultProxy } from '../support/faults/seeded-faults.ts';

/** How a run ended, for one store. */
export type Ending =
  /** As without faults. */
  | 'same'
  /** A snapshot that says itself which kinds are not of today; the rest of it is right. */
  | 'partial, said so'
  /** An error with a remedy; nothing is lost, and the next run ends well. */
  | 'clear error'
  | 'WRONG';

interface Row {
  runs: number;
  readonly faults: Map<FaultSort, number>;
  readonly endings: Map<Ending, number>;
}

/** Counts runs, what they met and how they ended, by store and rate. */
export class Tally {
  readonly #title: string;
  readonly #rows = new Map<string, Row>();

  constructor(title: string) {
    this.#title = title;
  }

  add(store: string, rate: number, met: readonly SeededFaultProxy['met'][], ending: Ending): void {
    const key = `${store} | ${rate * 100} %`;
    const row: Row = this.#rows.get(key) ?? { runs: 0, faults: new Map(), endings: new Map() };
    this.#rows.set(key, row);
    row.runs += 1;
    row.endings.set(ending, (row.endings.get(ending) ?? 0) + 1);
    for (const { faults } of met)
      for (const [sort, count] of faults) row.faults.set(sort, (row.faults.get(sort) ?? 0) + count);
  }

  /** A table in Markdown, as docs/internal/trust.md has it. */
  toMarkdown(): string {
    const endings: Ending[] = ['same', 'partial, said so', 'clear error', 'WRONG'];
    const header = ['store', 'rate', 'runs', 'faults', ...endings];
    const lines = [...this.#rows].map(([key, { runs, faults, endings: ended }]) => {
      const all = sum(faults.values());
      return `| ${key} | ${runs} | ${all} | ${endings.map((ending) => ended.get(ending) ?? 0).join(' | ')} |`;
    });
    const table = [`| ${header.join(' | ')} |`, `|${' --- |'.repeat(header.length)}`, ...lines];
    return [this.#title, '', ...table, '', `Faults by sort: ${this.#sorts()}`].join('\n');
  }

  #sorts(): string {
    const rows = [...this.#rows.values()];
    return FAULT_SORTS.map((sort) => `${sort} ${sum(rows.map(({ faults }) => faults.get(sort) ?? 0))}`).join(', ');
  }
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}
