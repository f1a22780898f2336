import type { BackupReport } from '../jobs/backup/backup-types.ts';
import type { PruneReport } from '../jobs/prune/prune.ts';
import type { PullReport } from '../jobs/pull/pull.ts';
import type { VerifyReport } from '../jobs/verify/verify.ts';
import { FlowkeepError, messageOf } from '../lib/errors.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';
import type { ErrorInfo, FinishedRun, Job, JobReports, RunStatus } from './types.ts';

/** How a run ended: what metrics, alerts and the status page are made of. */
export type Outcome = Pick<FinishedRun, 'status' | 'exitCode' | 'error' | 'backup'>;

/** Reads a job's report. */
export function outcomeOf<Name extends Job>(job: Name, report: JobReports[Name]): Outcome {
  switch (job) {
    case 'backup':
      return backupOutcome(report as BackupReport);
    case 'verify':
      return verifyOutcome(report as VerifyReport);
    case 'prune':
      return pruneOutcome(report as PruneReport);
    case 'pull':
      return pullOutcome(report as PullReport);
  }
}

/** What a run that threw comes to. */
export function failureOf(error: unknown): Outcome {
  const exitCode = error instanceof FlowkeepError ? error.exitCode : EXIT.failed;
  return { status: statusOf(exitCode), exitCode, error: errorInfo(error) };
}

function statusOf(exitCode: ExitCode): RunStatus {
  if (exitCode === EXIT.done) return 'success';
  if (exitCode === EXIT.locked) return 'locked';
  if (exitCode === EXIT.interrupted) return 'interrupted';
  return exitCode === EXIT.partial || exitCode === EXIT.integrity ? 'partial' : 'failed';
}

export function errorInfo(error: unknown): ErrorInfo {
  if (!(error instanceof FlowkeepError)) return { code: 'internal', message: messageOf(error) };
  const { code, message, remedy } = error;
  return remedy === undefined ? { code, message } : { code, message, remedy };
}

function ended(exitCode: ExitCode, error: ErrorInfo | undefined, backup?: BackupReport): Outcome {
  return {
    status: statusOf(exitCode),
    exitCode,
    ...(error === undefined ? {} : { error }),
    ...(backup === undefined ? {} : { backup }),
  };
}

function backupOutcome(report: BackupReport): Outcome {
  const failedKinds = Object.entries(report.header.kinds).filter(([, kind]) => kind.coverage === 'failed');
  const failedStore = report.stores.find((store) => store.status === 'failed');
  if (failedStore?.status === 'failed') return ended(EXIT.partial, errorInfo(failedStore.error), report);
  const [failed] = failedKinds;
  if (!failed) return ended(EXIT.done, undefined, report);
  const names = failedKinds.map(([kind]) => kind).join(', ');
  const reason = failed[1].reason?.message ?? 'no reason given';
  return ended(EXIT.partial, { code: 'kind-failed', message: `could not read ${names}: ${reason}` }, report);
}

function verifyOutcome({ stores }: VerifyReport): Outcome {
  const damaged = stores.find((store) => store.status === 'damaged');
  if (damaged?.status === 'damaged') {
    const message = `verify found ${damaged.damage.length} damaged files in store ${damaged.store}`;
    const remedy = 'Run `flowkeep verify` to see which, and `flowkeep backup` to repair what n8n still has.';
    return ended(EXIT.integrity, { code: 'damaged', message, remedy });
  }
  const failed = stores.find((store) => store.status === 'failed');
  return failed?.status === 'failed'
    ? ended(EXIT.partial, errorInfo(failed.error))
    : ended(EXIT.done, undefined);
}

function pruneOutcome({ stores }: PruneReport): Outcome {
  const failed = stores.find((store) => store.status === 'failed');
  if (failed?.status === 'failed') return ended(EXIT.partial, errorInfo(failed.error));
  const partial = stores.find((store) => store.status === 'partial');
  if (!partial) return ended(EXIT.done, undefined);
  const message = `store ${partial.store} was not pruned completely`;
  return ended(EXIT.partial, { code: 'prune-partial', message, remedy: 'Run `flowkeep prune` to see why.' });
}

function pullOutcome(report: PullReport): Outcome {
  if (report.status === 'refused') {
    const message = `the pull was refused: it would overwrite or delete ${report.losses.length} items`;
    const remedy =
      'Review them with `flowkeep pull`, then pull with --force, or set pull.force for the schedule.';
    return ended(EXIT.conflict, { code: 'pull-refused', message, remedy });
  }
  return report.backup ? backupOutcome(report.backup) : ended(EXIT.done, undefined);
}
