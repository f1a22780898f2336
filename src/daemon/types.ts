import type { BackupReport } from '../jobs/backup/backup-types.ts';
import type { AutoPublish } from '../jobs/pull/source-control.ts';
import type { NewestSnapshot } from '../jobs/snapshots/newest-snapshot.ts';
import type { Outcome } from '../jobs/outcome.ts';
import type { PruneReport } from '../jobs/prune/prune.ts';
import type { PullReport } from '../jobs/pull/pull.ts';
import type { VerifyReport } from '../jobs/verify/verify.ts';
import type { Secret } from '../lib/secrets/secret.ts';

/** What a schedule can run, each a use case of src/jobs. */
export const JOBS = ['backup', 'verify', 'prune', 'pull'] as const;
export type Job = (typeof JOBS)[number];

export interface JobReports {
  readonly backup: BackupReport;
  readonly verify: VerifyReport;
  readonly prune: PruneReport;
  readonly pull: PullReport;
}

/** What a caller of POST /v1/pull asks for; what it leaves out is as configured. */
export interface PullRequest {
  readonly force?: boolean;
  readonly autoPublish?: AutoPublish;
}

/** One instance as the daemon sees it: when to run what, and how. */
export interface DaemonInstance {
  readonly name: string;
  /** IANA name. */
  readonly timezone: string;
  /** Cron expressions; null: never. */
  readonly schedules: Readonly<Record<Job, string | null>>;
  readonly ping?: Secret;
  readonly run: {
    backup(signal: AbortSignal): Promise<BackupReport>;
    verify(signal: AbortSignal): Promise<VerifyReport>;
    prune(signal: AbortSignal): Promise<PruneReport>;
    pull(request: PullRequest, signal: AbortSignal): Promise<PullReport>;
  };
  /** The newest snapshot that any store holds: what is known of the time before the daemon. */
  newest(signal: AbortSignal): Promise<NewestSnapshot | null>;
  /** Throws the error of the first store that cannot be used. */
  checkStores(signal: AbortSignal): Promise<void>;
}

/** What a configuration makes of the daemon. A reload makes another one. */
export interface DaemonSetup extends AsyncDisposable {
  readonly instances: readonly DaemonInstance[];
  readonly http: { readonly port: number | null; readonly host: string; readonly token?: Secret };
  /** Instances that are worked on at the same time. */
  readonly concurrency: number;
  /** Longest random delay before a scheduled run, in milliseconds. */
  readonly jitterMs: number;
  /** How long the daemon may take to end, in milliseconds. */
  readonly graceMs: number;
  readonly webhook?: Secret;
}

/**
 * - `success`: all is well, also where nothing changed.
 * - `partial`: it finished, but some kind or store failed, or verify found damage.
 * - `failed`: it ended with an error.
 * - `locked`: another run held the lock, so that this one left the work to it.
 * - `interrupted`: the daemon is shutting down.
 */
export type RunStatus = 'success' | 'partial' | 'failed' | 'locked' | 'interrupted';

/** One run that has ended. */
export interface FinishedRun extends Outcome {
  readonly instance: string;
  readonly job: Job;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Of a backup that ended, and of a pull, whose result is backed up. */
  readonly backup?: BackupReport;
}
