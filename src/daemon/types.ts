import type { AutoPublish } from '../jobs/pull/source-control.ts';
import type { NewestSnapshot } from '../jobs/snapshots/newest-snapshot.ts';
import type { Secret } from '../lib/secrets/secret.ts';
import type { Jitter } from './jitter.ts';
import type { OpenAlert } from './notify/channel.ts';
import type { Job, JobReports } from './run.ts';

/** What a caller of POST /v1/pull asks for; what it leaves out is as configured. */
export interface PullRequest {
  readonly force?: boolean;
  readonly autoPublish?: AutoPublish;
}

/** One instance as the daemon sees it: when to run what, and how. */
export interface DaemonInstance {
  readonly name: string;
  /** Where its n8n answers. */
  readonly url: string;
  /** IANA name. */
  readonly timezone: string;
  /** Cron expressions; null: never. */
  readonly schedules: Readonly<Record<Job, string | null>>;
  /** The channels that are set up for it. */
  readonly alerts: readonly OpenAlert[];
  readonly run: {
    backup(signal: AbortSignal): Promise<JobReports['backup']>;
    verify(signal: AbortSignal): Promise<JobReports['verify']>;
    prune(signal: AbortSignal): Promise<JobReports['prune']>;
    pull(request: PullRequest, signal: AbortSignal): Promise<JobReports['pull']>;
  };
  /** The newest snapshot that any store holds: what is known of the time before the daemon. */
  newest(signal: AbortSignal): Promise<NewestSnapshot | null>;
  /** Throws the error of the first store that cannot be used. */
  checkStores(signal: AbortSignal): Promise<void>;
}

/** What a configuration makes of the daemon. A reload makes another one. */
export interface DaemonSetup extends AsyncDisposable {
  readonly instances: readonly DaemonInstance[];
  readonly http: {
    readonly port: number | null;
    readonly host: string;
    /** Names under which it is asked, beside addresses and names without a dot. */
    readonly hosts: readonly string[];
    readonly token?: Secret;
  };
  /** Instances that are worked on at the same time. */
  readonly concurrency: number;
  /** How long after their time scheduled runs may begin. */
  readonly jitter: Jitter;
  /** How long the daemon may take to end, in milliseconds. */
  readonly graceMs: number;
}
