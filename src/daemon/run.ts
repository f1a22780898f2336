import type { BackupReport } from '../jobs/backup/backup-types.ts';
import { backupOutcome, pruneOutcome, pullOutcome, verifyOutcome, type Outcome } from '../jobs/outcome.ts';
import type { PruneReport } from '../jobs/prune/prune.ts';
import type { PullReport } from '../jobs/pull/pull.ts';
import type { VerifyReport } from '../jobs/verify/verify.ts';
import { errorInfo, exitCodeOf } from '../lib/errors.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';

/** What a schedule can run, each a use case of src/jobs. */
export const JOBS = ['backup', 'verify', 'prune', 'pull'] as const;
export type Job = (typeof JOBS)[number];

export interface JobReports {
  readonly backup: BackupReport;
  readonly verify: VerifyReport;
  readonly prune: PruneReport;
  readonly pull: PullReport;
}

/**
 * - `success`: all is well, also where nothing changed.
 * - `partial`: it finished, but some kind or store failed, or verify found damage.
 * - `failed`: it ended with an error.
 * - `locked`: another run held the lock, so that this one left the work to it.
 * - `interrupted`: the daemon is shutting down.
 */
export type RunStatus = 'success' | 'partial' | 'failed' | 'locked' | 'interrupted';

/** How a run ended: what metrics, alerts and the status page are made of. */
export interface RunResult extends Outcome {
  readonly status: RunStatus;
  /** Of a backup that ended, and of a pull, whose result is backed up. */
  readonly backup?: BackupReport;
}

/** One run that has ended. */
export interface FinishedRun extends RunResult {
  readonly instance: string;
  readonly job: Job;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
}

/** What a job's report says. */
export function resultOf<Name extends Job>(job: Name, report: JobReports[Name]): RunResult {
  return withStatus(READ[job](report));
}

/** What a run that threw comes to. */
export function failureOf(error: unknown): RunResult {
  return withStatus({ exitCode: exitCodeOf(error), error: errorInfo(error) });
}

type Read = Omit<RunResult, 'status'>;

const READ: { readonly [Name in Job]: (report: JobReports[Name]) => Read } = {
  backup: (report) => ({ ...backupOutcome(report), backup: report }),
  verify: verifyOutcome,
  prune: pruneOutcome,
  pull: (report) => ({ ...pullOutcome(report), ...(report.backup && { backup: report.backup }) }),
};

const STATUS: Readonly<Record<ExitCode, RunStatus>> = {
  [EXIT.done]: 'success',
  [EXIT.failed]: 'failed',
  [EXIT.usage]: 'failed',
  [EXIT.partial]: 'partial',
  [EXIT.conflict]: 'failed',
  [EXIT.integrity]: 'partial',
  [EXIT.locked]: 'locked',
  [EXIT.interrupted]: 'interrupted',
};

function withStatus(read: Read): RunResult {
  return { status: STATUS[read.exitCode], ...read };
}
