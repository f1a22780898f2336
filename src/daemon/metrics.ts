import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BackupReport } from '../jobs/backup/backup-types.ts';
import type { FinishedRun } from './run.ts';
import type { DaemonState } from './state.ts';

/** Seconds: from a small instance that did not change to a large one that is read for the first time. */
const DURATION_BUCKETS = [0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600];
const COVERAGES = ['complete', 'unavailable', 'failed'];

/** What `/metrics` shows. docs/operations.md lists every name. */
export class Metrics {
  readonly registry = new Registry();
  readonly #state: DaemonState;
  readonly #instances: () => readonly string[];
  readonly #series: ReturnType<typeof makeSeries>;
  /** The client counts from its own start: what was counted before is not counted again. */
  readonly #counted = new Map<string, ClientCounts>();

  constructor(state: DaemonState, version: string, instances: () => readonly string[]) {
    this.#state = state;
    this.#instances = instances;
    this.#series = makeSeries(this.registry);
    this.#series.buildInfo.set({ version }, 1);
    collectDefaultMetrics({ register: this.registry });
  }

  finished(run: FinishedRun): void {
    const { instance, job, status, exitCode, durationMs } = run;
    const series = this.#series;
    series.runs.inc({ instance, job, status });
    series.lastRunStatus.set({ instance, job }, exitCode);
    if (run.backup) this.#countBackup(instance, run.backup);
    if (job === 'backup') series.duration.observe({ instance }, durationMs / 1000);
  }

  /** The text of `/metrics`, with ages as of now. */
  async text(): Promise<string> {
    const { lastSuccess, snapshotAge, overdue } = this.#series;
    for (const gauge of [lastSuccess, snapshotAge, overdue]) gauge.reset();
    for (const instance of this.#instances()) {
      const state = this.#state.of(instance);
      if (state.lastSuccessAt !== null) lastSuccess.set({ instance }, state.lastSuccessAt / 1000);
      // Of one that claims to be of the future nobody knows the age: no sample says that, where 0 would be the best.
      if (state.snapshot && !this.#state.isInFuture(state.snapshot.takenAt))
        snapshotAge.set({ instance }, Math.max(0, (this.#state.now() - state.snapshot.takenAt) / 1000));
      overdue.set({ instance }, this.#state.isOverdue(instance) ? 1 : 0);
    }
    return this.registry.metrics();
  }

  #countBackup(instance: string, report: BackupReport): void {
    const series = this.#series;
    for (const [kind, { items, coverage }] of Object.entries(report.header.kinds)) {
      series.items.set({ instance, kind }, items);
      for (const each of COVERAGES) series.coverage.set({ instance, kind, coverage: each }, each === coverage ? 1 : 0);
    }
    series.drift.set({ instance }, driftOf(report));
    this.#countClient(instance, report.client);
    for (const store of report.stores) {
      if (store.status !== 'saved') continue;
      series.snapshots.inc({ instance, store: store.store });
      series.bytes.inc({ instance, direction: 'stored' }, store.bytesWritten);
    }
  }

  #countClient(instance: string, client: ClientCounts): void {
    const { requests, retries, bytesReceived, bytesSent } = client;
    const before = this.#counted.get(instance);
    // A reload makes a new client, which counts from nothing.
    const base = before && before.requests <= requests ? before : NOTHING;
    const series = this.#series;
    series.requests.inc({ instance }, requests - base.requests);
    series.retries.inc({ instance }, Math.max(0, retries - base.retries));
    series.bytes.inc({ instance, direction: 'received' }, Math.max(0, bytesReceived - base.bytesReceived));
    series.bytes.inc({ instance, direction: 'sent' }, Math.max(0, bytesSent - base.bytesSent));
    this.#counted.set(instance, { requests, retries, bytesReceived, bytesSent });
  }
}

/** Stores may hold different snapshots: the one with the most to catch up with counts. */
function driftOf({ stores }: BackupReport): number {
  return Math.max(0, ...stores.map((store) => (store.status === 'saved' ? store.changes.length : 0)));
}

type ClientCounts = Pick<BackupReport['client'], 'requests' | 'retries' | 'bytesReceived' | 'bytesSent'>;
const NOTHING: ClientCounts = { requests: 0, retries: 0, bytesReceived: 0, bytesSent: 0 };

function makeSeries(registry: Registry) {
  const registers = [registry];
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `flowkeep_${name}`, help, labelNames, registers });
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: `flowkeep_${name}`, help, labelNames, registers });
  return {
    buildInfo: gauge('build_info', 'Always 1; the version is a label.', 'version'),
    lastSuccess: gauge(
      'last_success_timestamp_seconds',
      'Time of the last successful backup, changed or not.',
      'instance',
    ),
    lastRunStatus: gauge('last_run_status', "Exit code of the job's last run; 0 is success.", 'instance', 'job'),
    runs: counter('runs_total', 'Finished runs, by outcome.', 'instance', 'job', 'status'),
    duration: new Histogram({
      name: 'flowkeep_backup_duration_seconds',
      help: 'Duration of backups.',
      labelNames: ['instance'],
      buckets: DURATION_BUCKETS,
      registers,
    }),
    items: gauge('items', 'Items in the last backup.', 'instance', 'kind'),
    drift: gauge('drift', 'Items that the last backup found changed since the snapshot before.', 'instance'),
    coverage: gauge(
      'kind_coverage',
      '1 for the coverage that the last backup had of a kind.',
      'instance',
      'kind',
      'coverage',
    ),
    snapshots: counter('snapshots_total', 'Snapshots saved.', 'instance', 'store'),
    requests: counter('requests_total', 'Requests to n8n, retries among them.', 'instance'),
    retries: counter('retries_total', 'Requests to n8n that were sent again.', 'instance'),
    bytes: counter('bytes_total', 'Bytes received from n8n, sent to n8n, and stored.', 'instance', 'direction'),
    snapshotAge: gauge(
      'snapshot_age_seconds',
      'Age of the newest snapshot; an unchanged instance makes none.',
      'instance',
    ),
    overdue: gauge('backup_overdue', '1 if two scheduled backups in a row did not succeed.', 'instance'),
  };
}
