import PQueue from 'p-queue';
import { InterruptedError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Clock } from '../lib/time.ts';
import { failureOf, resultOf, type FinishedRun, type Job, type RunResult } from './run.ts';
import type { DaemonInstance, PullRequest } from './types.ts';

export interface RunnerOptions {
  /** Instances that are worked on at the same time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onStart: (instance: DaemonInstance, job: Job) => void;
  readonly onFinish: (instance: DaemonInstance, run: FinishedRun) => void;
}

/** `queued`: it runs as soon as its turn comes; `waiting`, `running`: this very job is on its way already. */
export type Requested = 'queued' | 'waiting' | 'running';

interface Lane {
  readonly queue: PQueue;
  readonly waiting: Map<Job, Promise<void>>;
  running: { readonly instance: DaemonInstance; readonly job: Job; readonly done: Promise<void> } | null;
}

/**
 * Runs jobs: one at a time for each instance, whether a schedule or a request asks for it, and a few instances at the
 * same time.
 */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #all: PQueue;
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#all = new PQueue({ concurrency: options.concurrency });
  }

  set concurrency(value: number) {
    this.#all.concurrency = value;
  }

  /** Which job of an instance runs now. */
  running(instance: string): Job | null {
    return this.#lanes.get(instance)?.running?.job ?? null;
  }

  /** Asks for a run. `done` settles when this job is not on its way any more; it never rejects. */
  request(
    instance: DaemonInstance,
    job: Job,
    pull: PullRequest = {},
  ): { readonly requested: Requested; readonly done: Promise<void> } {
    const lane = this.#lane(instance.name);
    if (lane.running?.job === job) return { requested: 'running', done: lane.running.done };
    const waiting = lane.waiting.get(job);
    if (waiting) return { requested: 'waiting', done: waiting };
    const { promise: done, resolve } = Promise.withResolvers<void>();
    // Before it is queued: where nothing else runs, it begins at once, and waits no more.
    lane.waiting.set(job, done);
    void lane.queue.add(() => this.#all.add(() => this.#begin(lane, instance, job, pull))).then(resolve);
    return { requested: 'queued', done };
  }

  /** Lets the running jobs go on and starts no other. Settles when none runs. */
  async finish(): Promise<void> {
    this.#stop.abort();
    await this.idle();
  }

  /** Settles when no job of these instances (by identity) runs, or of any. */
  async idle(instances?: readonly DaemonInstance[]): Promise<void> {
    for (const lane of this.#lanes.values()) {
      while (lane.running && (instances?.includes(lane.running.instance) ?? true)) await lane.running.done;
    }
  }

  /** Tells the running jobs to stop. */
  abort(): void {
    this.#stop.abort();
    this.#abort.abort(new InterruptedError('the daemon is shutting down'));
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane: Lane = { queue: new PQueue({ concurrency: 1 }), waiting: new Map(), running: null };
    this.#lanes.set(name, lane);
    return lane;
  }

  async #begin(lane: Lane, instance: DaemonInstance, job: Job, pull: PullRequest): Promise<void> {
    lane.waiting.delete(job);
    if (this.#stop.signal.aborted) return;
    const done = this.#run(instance, job, pull);
    lane.running = { instance, job, done };
    await done;
    lane.running = null;
  }

  async #run(instance: DaemonInstance, job: Job, pull: PullRequest): Promise<void> {
    const { clock, logger, onStart, onFinish } = this.#options;
    const startedAt = clock.now();
    const began = performance.now();
    logger.info({ instance: instance.name, job }, 'run started');
    onStart(instance, job);
    const result = await this.#attempt(instance, job, pull);
    const run = {
      ...{ instance: instance.name, job, startedAt, durationMs: Math.round(performance.now() - began) },
      ...result,
    };
    const { backup: _backup, ...fields } = run;
    logger[run.status === 'success' ? 'info' : run.status === 'locked' ? 'warn' : 'error'](
      fields,
      `run ended: ${run.status}`,
    );
    onFinish(instance, run);
  }

  async #attempt(instance: DaemonInstance, job: Job, pull: PullRequest): Promise<RunResult> {
    // A separate signal for each run: listeners on one that lives as long as the daemon would pile up.
    const own = new AbortController();
    const abort = (): void => own.abort(this.#abort.signal.reason);
    this.#abort.signal.addEventListener('abort', abort);
    try {
      if (job === 'pull') return resultOf(job, await instance.run.pull(pull, own.signal));
      return resultOf(job, await instance.run[job](own.signal));
    } catch (error) {
      return failureOf(error);
    } finally {
      this.#abort.signal.removeEventListener('abort', abort);
    }
  }
}
