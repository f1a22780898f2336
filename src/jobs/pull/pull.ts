// Pull: n8n's own source-control pull, after a safety snapshot, and refused if it would lose something.

import { FlowkeepError } from '../../lib/errors.ts';
import { DEFAULT_KINDS, KINDS, type Kind } from '../../kinds/kinds.ts';
import { backup } from '../backup/backup.ts';
import { previewPull, requestPull, type AutoPublish, type SourceControlFile } from './source-control.ts';
import type { BackupReport, BackupRun } from '../backup/backup-types.ts';

/** The caller holds the instance's lock in the stores. */
export interface PullOptions extends Omit<BackupRun, 'lock' | 'purpose'> {
  /** Pulls although items are overwritten or deleted by it. */
  readonly force: boolean;
  readonly autoPublish: AutoPublish;
  /** Shows the preview, before anything is changed. null: this n8n cannot tell. */
  readonly onPreview?: (files: readonly SourceControlFile[] | null) => void;
}

export interface PullReport {
  readonly instance: string;
  /** `refused`: nothing was changed. `unchanged`: there was nothing to pull. */
  readonly status: 'pulled' | 'refused' | 'unchanged';
  /** What the pull would change, beforehand; null where n8n cannot tell. */
  readonly preview: readonly SourceControlFile[] | null;
  /** Of the preview: what would be overwritten or deleted. */
  readonly losses: readonly SourceControlFile[];
  /** What n8n says that it changed. */
  readonly files: readonly SourceControlFile[];
  /** The snapshot from before, with the rows of data tables. */
  readonly safety: BackupReport | null;
  /** The backup of the result. */
  readonly backup: BackupReport | null;
  readonly durationMs: number;
}

/**
 * Triggers n8n's own source-control pull between two snapshots.
 * @throws N8nError with a remedy (409: exit code 4); FlowkeepError `pull-unsafe` where the safety snapshot would not
 * hold what the pull deletes; StoreError; InterruptedError
 */
export async function pull(options: PullOptions): Promise<PullReport> {
  const { client, signal, clock, instance } = options;
  const started = clock.now();
  const report = (rest: Partial<PullReport> & Pick<PullReport, 'status'>): PullReport => ({
    ...{ instance, preview, losses, files: [], safety: null, backup: null },
    ...rest,
    durationMs: clock.now() - started,
  });
  const preview = await previewPull(client, signal);
  const losses = (preview ?? []).filter(isLoss);
  options.onPreview?.(preview);
  if (preview?.length === 0) return report({ status: 'unchanged' });
  if (losses.length > 0 && !options.force) return report({ status: 'refused' });
  const safety = await backup({ ...options, kinds: safetyKinds(options.kinds), purpose: 'safety' });
  requireWhole(safety);
  const files = await requestPull(client, { force: options.force, autoPublish: options.autoPublish }, signal);
  const after = await backup(options);
  return report({ status: 'pulled', files, safety, backup: after });
}

/**
 * n8n overwrites what is `modified` and removes what is `deleted`: data tables with all their rows, without force too
 * (seen in n8n 2.41.1, source-control.service).
 */
function isLoss({ status, conflict }: SourceControlFile): boolean {
  return conflict || status === 'modified' || status === 'deleted';
}

/** Everything that a pull can take away, whether it is usually backed up or not. */
function safetyKinds(kinds: readonly Kind[]): Kind[] {
  return KINDS.filter((kind) => kinds.includes(kind) || DEFAULT_KINDS.includes(kind));
}

/**
 * A pull that deletes rows which could not be read would lose them for good. One store that has the snapshot is enough:
 * `backup` throws where none has, and the report names those that lack it.
 */
function requireWhole(safety: BackupReport): void {
  const failed = Object.entries(safety.header.kinds).filter(([, kind]) => kind.coverage === 'failed');
  if (failed.length === 0) return;
  const what = failed.map(([kind]) => kind).join(', ');
  throw new FlowkeepError('pull-unsafe', `nothing was pulled: the safety snapshot is incomplete (${what})`, {
    remedy: 'Run `flowkeep backup` to see what is wrong, fix it, then pull again.',
  });
}
