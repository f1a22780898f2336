import { JOBS, type FinishedRun, type Job } from './run.ts';
import type { DaemonState } from './state.ts';
import type { DaemonInstance } from './types.ts';

/** What GET /v1/status says. No names of workflows, no addresses: it needs no token. */
export function describeStatus(
  state: DaemonState,
  instances: readonly DaemonInstance[],
  about: {
    readonly version: string;
    readonly nextRun: (instance: string, job: Job) => number | null;
    readonly running: (instance: string) => Job | null;
  },
): object {
  return {
    version: about.version,
    startedAt: iso(state.startedAt),
    instances: instances.map(({ name, schedules }) => {
      const { snapshot, lastSuccessAt, runs } = state.of(name);
      return {
        name,
        running: about.running(name),
        overdue: state.isOverdue(name),
        lastSuccessAt: iso(lastSuccessAt),
        snapshot: snapshot && { id: snapshot.id, takenAt: iso(snapshot.takenAt) },
        jobs: JOBS.filter((job) => schedules[job] !== null || runs.has(job)).map((job) => ({
          job,
          schedule: schedules[job],
          nextRunAt: iso(about.nextRun(name, job)),
          lastRun: describeRun(runs.get(job)),
        })),
      };
    }),
  };
}

function describeRun(run: FinishedRun | undefined): object | null {
  if (!run) return null;
  const { status, exitCode, startedAt, durationMs, error } = run;
  return { status, exitCode, startedAt: iso(startedAt), durationMs, error: error?.code ?? null };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
