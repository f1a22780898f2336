import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';

/** What an export is made from. */
export interface ExportRun {
  readonly snapshot: SnapshotView;
  readonly signal: AbortSignal;
  /** So many files of the snapshot are done. */
  progress(done: number): void;
}

/** A file of an export, below the output folder. */
export type ExportedFile = readonly [path: string, content: Uint8Array];

/** How many of what were written, for the report: "workflows", "packages". */
export type ExportCounts = Map<string, number>;

/** Writes a snapshot in one form. Counts what it wrote, and collects what people should know, while it goes. */
export interface ExportFormat {
  readonly counts: ExportCounts;
  readonly notes: string[];
  files(run: ExportRun): AsyncIterable<ExportedFile>;
}

export function countOne(counts: ExportCounts, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** So many files are in memory at most. */
const BATCH = 128;

/** The files at these paths, in batches, so that a store that reads whole batches does not fill the memory. */
export async function* readBatches(
  { snapshot, signal }: ExportRun,
  paths: readonly string[],
): AsyncGenerator<ExportedFile> {
  for (let start = 0; start < paths.length; start += BATCH) {
    yield* snapshot.readMany(paths.slice(start, start + BATCH), signal);
  }
}
