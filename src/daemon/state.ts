import { CLOCK_TOLERANCE_MS, type Clock } from '../lib/time.ts';
import type { NewestSnapshot } from '../jobs/snapshots/newest-snapshot.ts';
import type { FinishedRun, Job } from './run.ts';

/** What the daemon knows of an instance. It is kept across reloads of the configuration. */
export interface InstanceState {
  readonly name: string;
  /** The last run of each job in this process. */
  readonly runs: Map<Job, FinishedRun>;
  /**
   * When a backup last succeeded, changed or not; before the first one here: when the newest snapshot was taken. null
   * where nobody knows: there was none, or it claims to be of the future.
   */
  lastSuccessAt: number | null;
  /** Whether `lastSuccessAt` is of this process: then it moves with the clock where that is set back. */
  isOwnSuccess: boolean;
  /** The newest snapshot. */
  snapshot: { readonly id: string; readonly takenAt: number } | null;
  /** Coverage of each kind in the last backup, or in the newest snapshot. */
  coverage: ReadonlyMap<string, string>;
  /** Names of the stores that held a snapshot when they were last looked at. */
  readonly stores: Set<string>;
  /** Jobs whose last run failed, so that their recovery can be reported. */
  readonly failing: Map<Job, string>;
  /** The longest time between two scheduled backups, in milliseconds; null without a schedule. */
  backupPeriodMs: number | null;
}

/** Two backups in a row that did not come, and a minute for the second one's work. */
const OVERDUE_PERIODS = 2;
const OVERDUE_EXTRA_MS = 60_000;

export class DaemonState {
  startedAt: number;
  readonly #clock: Clock;
  readonly #instances = new Map<string, InstanceState>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.startedAt = clock.now();
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#clock.now();
  }

  of(name: string): InstanceState {
    const known = this.#instances.get(name);
    if (known) return known;
    const state: InstanceState = {
      ...{ name, runs: new Map(), lastSuccessAt: null, isOwnSuccess: false, snapshot: null },
      ...{ coverage: new Map(), stores: new Set<string>(), failing: new Map(), backupPeriodMs: null },
    };
    this.#instances.set(name, state);
    return state;
  }

  /** Forgets instances that a reload took out of the configuration. */
  keepOnly(names: readonly string[]): void {
    for (const name of this.#instances.keys()) if (!names.includes(name)) this.#instances.delete(name);
  }

  /** What a store says of the time before this process. A success of the future is not believed. */
  seed(name: string, newest: NewestSnapshot): void {
    const state = this.of(name);
    if (!this.isInFuture(newest.takenAt)) state.lastSuccessAt ??= Math.min(newest.takenAt, this.#clock.now());
    state.snapshot ??= { id: newest.id, takenAt: newest.takenAt };
    for (const store of newest.holders) state.stores.add(store);
    if (state.coverage.size === 0) state.coverage = coverageOf(newest.header);
  }

  finished(run: FinishedRun): void {
    const state = this.of(run.instance);
    state.runs.set(run.job, run);
    if (!run.backup) return;
    state.coverage = coverageOf(run.backup.header);
    for (const store of run.backup.stores) {
      if (store.status === 'failed') continue;
      state.stores.add(store.store);
      state.snapshot = { id: store.snapshot.id, takenAt: Date.parse(store.snapshot.takenAt) };
    }
    if (run.status !== 'success') return;
    state.lastSuccessAt = this.#clock.now();
    state.isOwnSuccess = true;
  }

  /** Milliseconds since a backup last succeeded, or since the daemon started where none ever did. */
  ageMs(name: string): number {
    return this.#clock.now() - (this.of(name).lastSuccessAt ?? this.startedAt);
  }

  /**
   * After the clock was set, by so many milliseconds. What this process saw moves back with it, so that it is as old as
   * before; forwards nothing moves, since the machine may have slept. What a store says is compared with the new time.
   */
  clockWasSet(ms: number): void {
    const back = Math.min(0, ms);
    const now = this.#clock.now();
    this.startedAt = Math.min(this.startedAt + back, now);
    for (const state of this.#instances.values()) {
      if (state.lastSuccessAt === null) continue;
      const moved = state.lastSuccessAt + (state.isOwnSuccess ? back : 0);
      state.lastSuccessAt = this.isInFuture(moved) ? null : Math.min(moved, now);
    }
  }

  /** Further ahead of this machine's clock than two clocks may be apart. */
  isInFuture(time: number): boolean {
    return time > this.#clock.now() + CLOCK_TOLERANCE_MS;
  }

  isOverdue(name: string): boolean {
    const { backupPeriodMs } = this.of(name);
    return backupPeriodMs !== null && this.ageMs(name) > OVERDUE_PERIODS * backupPeriodMs + OVERDUE_EXTRA_MS;
  }
}

function coverageOf(header: NewestSnapshot['header']): Map<string, string> {
  return new Map(Object.entries(header.kinds).map(([kind, { coverage }]) => [kind, coverage]));
}
