import { errorInfo, exitCodeOf, type ErrorInfo } from '../lib/errors.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';
import type { BackupReport, UnconfirmedLoss } from './backup/backup-types.ts';
import type { CheckReport } from './check.ts';
import type { PruneReport } from './prune/prune.ts';
import type { PullReport } from './pull/pull.ts';
import type { VerifyReport } from './verify/verify.ts';

/**
 * How a job ended, read off its report: one place for the command line and the daemon. A job that threw has no report;
 * the error's own exit code counts then (`exitCodeOf`). A restore's report carries its exit code, and an export either
 * succeeds or throws.
 */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** The first thing that went wrong; absent where all is well. */
  readonly error?: ErrorInfo;
}

const DONE: Outcome = { exitCode: EXIT.done };

/**
 * Partial where a kind or a store failed, nearly everything was lost and nobody has confirmed it, or a snapshot is not in
 * all places of its store.
 */
export function backupOutcome({ instance, header, stores }: BackupReport): Outcome {
  const failedStore = stores.find((store) => store.status === 'failed');
  if (failedStore) return partial(errorInfo(failedStore.error));
  const lossy = stores.find((store) => store.status !== 'failed' && store.unconfirmed !== undefined);
  if (lossy && lossy.status !== 'failed' && lossy.unconfirmed) return partial(lossInfo(instance, lossy.unconfirmed));
  const owed = stores.find((store) => store.status !== 'failed' && store.owed !== undefined);
  if (owed && owed.status !== 'failed') return partial(errorInfo(owed.owed));
  const failedKinds = Object.entries(header.kinds).filter(([, kind]) => kind.coverage === 'failed');
  const [failed] = failedKinds;
  if (!failed) return DONE;
  const names = failedKinds.map(([kind]) => kind).join(', ');
  const reason = failed[1].reason?.message ?? 'no reason given';
  return partial({ code: 'kind-failed', message: `could not read ${names}: ${reason}` });
}

function lossInfo(instance: string, { lost, of, before }: UnconfirmedLoss): ErrorInfo {
  const message =
    `${lost} of ${of} workflows, credentials and data tables are gone since snapshot ${before}: what is left is saved ` +
    `as unconfirmed, and \`latest\` still means ${before}`;
  const remedy =
    `To bring them back: flowkeep restore ${before} --instance ${instance}. If it is right as it is: ` +
    `flowkeep backup --instance ${instance} --confirm`;
  return { code: 'unconfirmed', message, remedy };
}

/**
 * Damage comes before all else: it is what verify looks for. A store in which there is nothing to verify is no success.
 * Also for the stores of several reports.
 * @param allowUnverified a snapshot that nothing proves to be flowkeep's is told of, and no failure
 */
export function verifyOutcome({ stores }: Pick<VerifyReport, 'stores'>, allowUnverified = false): Outcome {
  const damaged = stores.find((store) => store.status === 'damaged');
  if (damaged?.status === 'damaged') {
    const message = `verify found ${damaged.damage.length} damaged files in store ${damaged.store}`;
    const remedy = 'Run `flowkeep verify` to see which, and `flowkeep backup` to repair what n8n still has.';
    return { exitCode: EXIT.integrity, error: { code: 'damaged', message, remedy } };
  }
  const doubtful = stores.find((store) => store.status === 'unauthenticated');
  if (doubtful?.status === 'unauthenticated' && !allowUnverified) {
    const count = doubtful.unauthenticated.length;
    const message = `verify found ${count} snapshots in store ${doubtful.store} that nothing proves to be flowkeep's`;
    const remedy = 'Run `flowkeep verify` to see which, and why.';
    return { exitCode: EXIT.integrity, error: { code: 'unauthenticated', message, remedy } };
  }
  const unverified = stores.filter((store) => 'error' in store);
  const empty = unverified.find((store) => store.status === 'empty');
  const broken = unverified.find(({ error }) => exitCodeOf(error) === EXIT.integrity);
  const worst = empty ?? broken;
  if (worst) return { exitCode: exitCodeOf(worst.error), error: errorInfo(worst.error) };
  const [failed] = unverified;
  return failed ? partial(errorInfo(failed.error)) : DONE;
}

/** Partial where a store failed while another was done; where every store failed, the first one's error tells more. */
export function pruneOutcome({ stores }: PruneReport): Outcome {
  const failed = stores.find((store) => store.status === 'failed');
  if (failed) {
    const exitCode = stores.every(({ status }) => status === 'failed') ? exitCodeOf(failed.error) : EXIT.partial;
    return { exitCode, error: errorInfo(failed.error) };
  }
  const unfinished = stores.find((store) => store.status === 'partial');
  if (!unfinished) return DONE;
  const message = `store ${unfinished.store} was not pruned completely`;
  return partial({ code: 'prune-partial', message, remedy: 'Run `flowkeep prune` to see why.' });
}

/** A refusal is a conflict; after a pull, its backup counts. */
export function pullOutcome({ status, losses, backup }: PullReport): Outcome {
  if (status !== 'refused') return backup ? backupOutcome(backup) : DONE;
  const message = `the pull was refused: it would overwrite or delete ${losses.length} items`;
  const remedy = 'Review them with `flowkeep pull`, then pull with --force, or set pull.force for the schedule.';
  return { exitCode: EXIT.conflict, error: { code: 'pull-refused', message, remedy } };
}

/**
 * A store that does not work fails the check; a kind that fails makes it partial; what is unavailable is only
 * reported.
 */
export function checkOutcome({ stores, kinds }: Pick<CheckReport, 'stores' | 'kinds'>): Outcome {
  const broken = stores.find((store) => store.error !== undefined);
  if (broken) return { exitCode: exitCodeOf(broken.error), error: errorInfo(broken.error) };
  const failed = kinds.find(({ failure }) => failure?.coverage === 'failed');
  return failed?.failure
    ? partial({
        code: 'kind-failed',
        message: `could not read ${failed.kind}: ${failed.failure.reason.message}`,
      })
    : DONE;
}

function partial(error: ErrorInfo): Outcome {
  return { exitCode: EXIT.partial, error };
}
