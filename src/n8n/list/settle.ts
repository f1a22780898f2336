import type { JsonObject } from '../../lib/json/json.ts';
import { N8nError, UNKNOWN_SHAPE_REMEDY } from '../http/errors.ts';
import type { Pass, Reader } from './pass.ts';

export interface SettleOptions {
  /**
   * When a list of several pages is read again. `always`: until two passes agree, because a move and a delete can
   * cancel out and leave no trace. `evidence`: only after a sign of change (for /workflows, whose pages are heavy).
   */
  readonly confirm?: 'always' | 'evidence';
  /** Whether an item that the last pass did not see still exists. Without it such an item is kept in doubt. */
  readonly exists?: (id: string) => Promise<boolean>;
}

/** Passes over one list; a list that still changes then changes faster than it can be read. */
const MAX_PASSES = 6;

/** Reads passes until the list is known well enough (see SettleOptions). */
export async function untilSettled(
  found: Found,
  options: SettleOptions,
  passes: { readonly name: string; readonly positioned: boolean; read(): Promise<Pass> },
): Promise<readonly string[]> {
  let previous: Pass | undefined;
  for (let count = 1; count <= MAX_PASSES; count++) {
    found.beginPass();
    const pass = await passes.read();
    if (pass.atomic) return pass.ids;
    const byEvidence = options.confirm === 'evidence' && passes.positioned;
    const agrees = previous !== undefined && sameIds(previous.ids, pass.ids);
    const trusted = agrees || (byEvidence && !pass.disturbed);
    // With nothing new under the sun the union is complete, although the passes differ in what was deleted.
    const complete = count >= (byEvidence ? 2 : 3) && found.addedOld === 0;
    if (trusted || complete) return [...pass.ids, ...(await stillThere(found, pass, trusted, options.exists))];
    previous = pass;
  }
  throw new N8nError('invalid-answer', `the listing of ${passes.name} kept changing in ${MAX_PASSES} passes`, {
    request: `GET ${passes.name}`,
    remedy: 'Run the backup again when fewer people edit.',
  });
}

/** Of the ids that earlier passes saw and the last one did not: those that still exist, or may. */
async function stillThere(
  found: Found,
  last: Pass,
  trusted: boolean,
  exists: SettleOptions['exists'],
): Promise<readonly string[]> {
  const inLast = new Set(last.ids);
  const kept: string[] = [];
  for (const id of found.ids()) {
    if (inLast.has(id)) continue;
    if (exists === undefined ? !trusted : await exists(id)) kept.push(id);
  }
  return kept;
}

function sameIds(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((id, index) => id === right[index]);
}

export interface FoundOptions {
  /** What identifies an item. Default: its `id`. */
  readonly idOf?: (item: JsonObject) => string;
  /**
   * Gets every page as it comes, so that a long list need not be held in memory; the page is empty afterwards. An
   * item may come several times: the last version counts. It may also come and then not be among the ids that are
   * returned: it is gone. What this gives back must not wait for another answer of n8n: a large page keeps its turn
   * until then.
   */
  readonly onPage?: (items: readonly JsonObject[]) => Promise<void> | void;
}

/** What all passes together have found. */
export class Found {
  readonly reader: Reader;
  readonly #ids = new Set<string>();
  #startedAt: number | undefined;
  #addedOld = 0;

  constructor(options: FoundOptions) {
    const idOf = options.idOf ?? ownId;
    this.reader = {
      idOf,
      onPage: (items) => {
        for (const item of items) this.#add(idOf(item), item);
        return options.onPage?.(items);
      },
    };
  }

  /** How many ids the current pass added of items that existed before the listing began. */
  get addedOld(): number {
    return this.#addedOld;
  }

  ids(): Iterable<string> {
    return this.#ids;
  }

  beginPass(): void {
    this.#addedOld = 0;
  }

  /** The first answer shows when the listing began, by the server's own clock. */
  answered(date: number | undefined): void {
    this.#startedAt ??= date;
  }

  #add(id: string, item: JsonObject): void {
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    if (!this.#isNew(item)) this.#addedOld++;
  }

  /** The Date header has whole seconds; an item of the same second counts as old, which costs a pass at most. */
  #isNew(item: JsonObject): boolean {
    const createdAt = typeof item['createdAt'] === 'string' ? Date.parse(item['createdAt']) : Number.NaN;
    return this.#startedAt !== undefined && createdAt >= this.#startedAt + 1000;
  }
}

function ownId(item: JsonObject): string {
  const id = item['id'];
  if (typeof id === 'string' && id !== '') return id;
  if (typeof id === 'number') return String(id);
  throw new N8nError('invalid-answer', 'n8n listed an item without an id', {
    remedy: UNKNOWN_SHAPE_REMEDY,
  });
}
