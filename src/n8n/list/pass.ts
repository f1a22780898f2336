import type { JsonObject } from '../../lib/json/json.ts';
import { pause } from '../../lib/pauses.ts';
import { N8nError } from '../http/errors.ts';
import { readCursorPage, type ListRequest, type PositionedList } from './page-source.ts';

/** One reading of a whole list, from its first page to its last. */
export interface Pass {
  /** The ids in the order in which they were first seen. */
  readonly ids: readonly string[];
  /** Whether one page held everything: one query of n8n's database, which nothing can disturb. */
  readonly atomic: boolean;
  /** Whether anything showed that the list changed under the reading. */
  readonly disturbed: boolean;
}

export interface Reader {
  readonly idOf: (item: JsonObject) => string;
  /** Called with every page as it comes, also with items that were seen before. See FoundOptions. */
  readonly onPage: (items: readonly JsonObject[]) => Promise<void> | void;
}

/**
 * Reads a list by position, each page beginning with the last item of the one before: the anchor. An item that is
 * created or deleted before that position shifts the list, and the anchor is not met. The reading then steps back
 * until it overlaps with what it has read, so that a shift alone makes it skip nothing. n8n makes the next page while
 * `onPage` works on the one before.
 */
export async function anchoredPass(list: PositionedList, reader: Reader): Promise<Pass> {
  const seen = new Set<string>();
  /** What was read without a gap before it. A page that turned out to be beyond a gap is no place to go on from. */
  const solid = new Set<string>();
  const limit = new RequestLimit(list.name, list.pageSize);
  let disturbed = false;
  let anchor: string | undefined;
  /** The position after the last item that was read without a gap. */
  let frontier = 0;
  let offset = 0;
  let step = 0;
  let next = list.at(offset);
  try {
    for (;;) {
      limit.count(seen.size);
      using page = await next;
      const ids = page.items.map(reader.idOf);
      const expected = frontier - offset;
      const gapless = expected <= 1 ? ids[0] === anchor || expected === 0 : overlaps(ids, expected, solid);
      const repeated = ids.some((id, index) => index >= expected && seen.has(id));
      // n8n counts and reads in two queries: a delete between them can hide what follows a last page that is full.
      const doubtfulEnd = !page.more && ids.length >= list.pageSize;
      if (!gapless || repeated || doubtfulEnd) disturbed = true;
      for (const id of ids) seen.add(id);
      const stepBack = !gapless && offset > 0;
      if (!stepBack && !page.more) {
        await reader.onPage(page.items);
        return { ids: [...seen], atomic: frontier === 0 && !disturbed, disturbed };
      }
      if (stepBack) {
        step = Math.max(Math.ceil(list.pageSize / 2), step * 2);
        offset = Math.max(0, offset - step);
      } else {
        for (const id of ids) solid.add(id);
        frontier = offset + ids.length;
        offset = Math.max(0, frontier - 1);
        anchor = ids.at(-1);
        step = 0;
      }
      next = list.at(offset);
      // Its failure is met when its turn comes.
      next.catch(() => undefined);
      // It is on its way before the work on this page holds the process.
      await pause();
      await reader.onPage(page.items);
    }
  } finally {
    // Where the reading ended early, nobody will look at the page that was under way.
    next.then(
      (page) => page[Symbol.dispose](),
      () => undefined,
    );
  }
}

/** Whether at least half of the items that ought to be known by now are: single ones may have been moved or deleted. */
function overlaps(ids: readonly string[], expected: number, solid: ReadonlySet<string>): boolean {
  const due = ids.slice(0, expected);
  const known = due.filter((id) => solid.has(id)).length;
  return known >= Math.max(1, due.length / 2);
}

/** Reads a list by following the server's own cursors. What shifts between two pages is not noticed. */
export async function plainPass(request: ListRequest, reader: Reader): Promise<Pass> {
  const seen = new Set<string>();
  const cursors = new Set<string>();
  const limit = new RequestLimit(request.path, request.pageSize);
  let disturbed = false;
  let cursor: string | undefined;
  for (;;) {
    limit.count(seen.size);
    using page = await readCursorPage(request, cursor);
    for (const id of page.items.map(reader.idOf)) {
      if (seen.has(id)) disturbed = true;
      seen.add(id);
    }
    await reader.onPage(page.items);
    if (page.nextCursor === null) return { ids: [...seen], atomic: cursor === undefined, disturbed };
    if (cursors.has(page.nextCursor)) throw endless(request.path, SAME_PAGES);
    cursors.add(page.nextCursor);
    cursor = page.nextCursor;
  }
}

/**
 * Ends a pass that does not: a cursor that repeats for ever has been reported (n8n-io/n8n#16394). Ten times the pages
 * that the items fill, and 50 more for steps back, is more than any honest list takes.
 */
class RequestLimit {
  readonly #name: string;
  readonly #pageSize: number;
  #requests = 0;

  constructor(name: string, pageSize: number) {
    this.#name = name;
    this.#pageSize = pageSize;
  }

  count(items: number): void {
    this.#requests++;
    if (items > MAX_ITEMS) throw endless(this.#name, `it returned more than ${MAX_ITEMS} items`);
    if (this.#requests > 50 + 10 * Math.ceil(items / Math.max(1, this.#pageSize - 1)))
      throw endless(this.#name, SAME_PAGES);
  }
}

/** A listing of new items for ever would fill the disk. No instance is known to have a tenth of this. */
const MAX_ITEMS = 300_000;
const SAME_PAGES = 'n8n returns the same pages again';

function endless(name: string, what: string): N8nError {
  return new N8nError('invalid-answer', `the listing of ${name} does not end: ${what}`, {
    request: `GET ${name}`,
    remedy:
      'Check that the URL leads to n8n. If it does, this is a bug of its version (see n8n-io/n8n#16394): update n8n.',
  });
}
