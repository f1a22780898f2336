// Export: a snapshot as plain files that n8n or people can use, in one form for each file here. It reads a
// snapshot and writes a folder, nothing else.

import type { Progress } from '../../lib/progress.ts';
import { KINDS } from '../../kinds/kinds.ts';
import { omittedWords, type SnapshotHeader } from '../../snapshot/format/header.ts';
import type { SnapshotInfo } from '../../store/store.ts';
import { FilesFormat } from './files.ts';
import type { ExportFormat } from './format.ts';
import { N8nCliFormat } from './n8n-cli.ts';
import { N8npFormat } from './n8np.ts';
import { OutputFolder } from './output-folder.ts';
import type { VerifiedSnapshot } from '../snapshots/open-verified.ts';

export const EXPORT_FORMATS = ['files', 'n8n-cli', 'n8np'] as const;
export type ExportFormatName = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly opened: Pick<VerifiedSnapshot, 'store' | 'snapshot' | 'unverified'>;
  /** A new or empty folder. */
  readonly out: string;
  readonly format: ExportFormatName;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface ExportReport {
  /** Only of a snapshot that is not taken for what flowkeep saved: why. */
  readonly unverified?: readonly string[];
  readonly snapshot: SnapshotInfo;
  readonly store: string;
  readonly format: ExportFormatName;
  /** Absolute path. */
  readonly out: string;
  readonly files: number;
  readonly bytes: number;
  /** How many of what: workflows, credentials, packages. */
  readonly counts: Readonly<Record<string, number>>;
  /** What people should know of the export. */
  readonly notes: readonly string[];
}

/**
 * Writes a snapshot as plain files, so that nobody needs flowkeep to get their automations back. An export that ended
 * early leaves INCOMPLETE.txt behind.
 * @throws UsageError where the folder is not empty; StoreError `integrity` for a damaged file
 */
export async function exportSnapshot(options: ExportOptions): Promise<ExportReport> {
  const { snapshot, store, unverified } = options.opened;
  const { info, header } = snapshot;
  const format = makeFormat(options.format);
  const folder = await OutputFolder.create(options.out);
  const run = {
    snapshot,
    signal: options.signal,
    progress: (done: number) => options.progress.update(done),
  };
  options.progress.start(`Exporting ${info.id}`, snapshot.files.size);
  try {
    for await (const [path, content] of format.files(run)) await folder.write(path, content);
    await folder.finish();
  } finally {
    options.progress.done();
  }
  return {
    ...(unverified.length === 0 ? {} : { unverified }),
    snapshot: info,
    store: store.name,
    format: options.format,
    out: folder.path,
    files: folder.files,
    bytes: folder.bytes,
    counts: Object.fromEntries(format.counts),
    notes: [...format.notes, ...omittedNotes(header)],
  };
}

/** What the files lack because the snapshot's store did not get it. */
function omittedNotes({ kinds }: SnapshotHeader): string[] {
  return KINDS.flatMap((kind) => {
    const words = omittedWords(kinds[kind]);
    return words === null ? [] : [`${kind}: the snapshot was saved without ${words} (docs/secrets.md)`];
  });
}

function makeFormat(name: ExportFormatName): ExportFormat {
  switch (name) {
    case 'files':
      return new FilesFormat();
    case 'n8n-cli':
      return new N8nCliFormat();
    case 'n8np':
      return new N8npFormat();
  }
}
