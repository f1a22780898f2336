import { backupOutcome, pruneOutcome, pullOutcome, verifyOutcome, type Outcome } from '../jobs/outcome.ts';
import { errorInfo, exitCodeOf } from '../lib/errors.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';
import type { FinishedRun, Job, JobReports, RunStatus } from './types.ts';

/** How a run ended: what metrics, alerts and the status page are made of. */
export type RunResult = Pick<FinishedRun, 'status' | 'exitCode' | 'error' | 'backup'>;

/** What a job's report says. */
export function resultOf<Name extends Job>(job: Name, report: JobReports[Name]): RunResult {
  return withStatus(READ[job](report));
}

/** What a run that threw comes to. */
export function failureOf(error: unknown): RunResult {
  return withStatus({ exitCode: exitCodeOf(error), error: errorInfo(error) });
}

type Read = Outcome & Pick<FinishedRun, 'backup'>;

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
