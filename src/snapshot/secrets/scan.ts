// Finds secrets that people typed into workflows and variables. It knows texts and their names, no files and
// no stores.

import type { Json } from '../../lib/json/json.ts';
import { NOT_SCANNED, type Hit, type Span } from './hit.ts';
import { leavesOf, type Leaf } from './leaves.ts';
import { blankMarkers } from './marker.ts';
import type { Rules } from './scan-texts.ts';
import { ScanThread } from './thread/scan-thread.ts';

/** Finds secrets. Its `known` part sees the formats of services alone, for text of which there is a lot. */
export interface Scanner {
  /**
   * The secrets in a document, text by text, in order and apart from one another. A text that could not be scanned is
   * a hit as a whole, by the rule `NOT_SCANNED`.
   * @throws InterruptedError
   */
  scan(value: Json, rules?: Rules): Promise<Hit[]>;
  /** The secrets in a text; null where it could not be scanned. */
  known(text: string): Promise<readonly Span[] | null>;
}

/** One for all runs of a process: it is there only while something is looked at. */
const thread = new ScanThread();

/** @param signal ends a scan at once */
export function openScanner(signal?: AbortSignal): Scanner {
  return {
    known: async (text) => (await thread.scan([{ text, name: '', path: [] }], 'formats', signal))?.[0] ?? null,
    scan: async (value, rules = 'all') => {
      const hits: Hit[][] = [];
      for (const batch of batchesOf(value)) hits.push(await scanBatch(batch, rules, signal));
      return hits.flat();
    },
  };
}

/** Parts that texts are scanned in where all of them together take too long. */
const PARTS = 32;

async function scanBatch(leaves: readonly Leaf[], rules: Rules, signal?: AbortSignal): Promise<Hit[]> {
  const spans = await thread.scan(leaves, rules, signal);
  if (spans) return leaves.flatMap(({ path }, index) => spans[index]!.map((span) => ({ ...span, path })));
  if (leaves.length === 1)
    return leaves.map(({ path, text }) => ({ path, start: 0, end: text.length, rule: NOT_SCANNED }));
  // The few that it cannot get through are found, and the others scanned.
  const size = Math.ceil(leaves.length / PARTS);
  const hits: Hit[][] = [];
  for (let start = 0; start < leaves.length; start += size)
    hits.push(await scanBatch(leaves.slice(start, start + size), rules, signal));
  return hits.flat();
}

/** Characters of several texts that are looked at together, since each message to the thread has its price. */
const BATCH = 2 ** 20;

function* batchesOf(value: Json): Generator<Leaf[]> {
  let batch: Leaf[] = [];
  let length = 0;
  for (const leaf of leavesOf(value)) {
    if (batch.length > 0 && length + leaf.text.length > BATCH) {
      yield batch;
      [batch, length] = [[], 0];
    }
    batch.push({ ...leaf, text: blankMarkers(leaf.text) });
    length += leaf.text.length;
  }
  if (batch.length > 0) yield batch;
}
