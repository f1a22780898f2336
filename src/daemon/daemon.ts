// The daemon: schedules, one run at a time for each instance, HTTP, metrics and alerts. It knows jobs by
// their reports alone and does none of their work.

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { FlowkeepError, messageOf } from '../lib/errors.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';
import type { Logger } from '../lib/logger.ts';
import type { Clock } from '../lib/time.ts';
import { watchClock } from './clock-watch.ts';
import { startServer } from './http/server.ts';
import { Metrics } from './metrics.ts';
import { endNotices, rememberFailure, startNotices } from './notify/events.ts';
import type { NewestSnapshot } from '../jobs/snapshots/newest-snapshot.ts';
import { Notifier } from './notify/notifier.ts';
import { ReadinessCheck } from './readiness.ts';
import type { FinishedRun, Job } from './run.ts';
import { Runner } from './runner.ts';
import { Schedules } from './schedules.ts';
import { DaemonState } from './state.ts';
import { describeStatus } from './status.ts';
import type { DaemonInstance, DaemonSetup } from './types.ts';

export interface DaemonOptions {
  readonly setup: DaemonSetup;
  /** Reads the configuration again. @throws ConfigError: then the daemon keeps the old one */
  readonly reload: () => Promise<DaemonSetup>;
  /** Calls the listener at each SIGHUP until it is disposed of. */
  readonly onHangup: (listener: () => void) => Disposable;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
}

/** The part of the grace time after which the daemon tells a running job to stop; the rest is for stopping cleanly. */
const FINISH_SHARE = 0.7;

/**
 * Runs the schedules and the HTTP endpoints until the signal. Then no run begins any more; the running ones go on for
 * most of the grace time and are stopped after that.
 * @returns done; interrupted where a run had to be stopped
 */
export async function runDaemon(options: DaemonOptions): Promise<ExitCode> {
  const daemon = new Daemon(options);
  try {
    await daemon.start();
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  if (!options.signal.aborted) await once(options.signal, 'abort');
  return daemon.stop();
}

class Daemon {
  readonly #options: DaemonOptions;
  readonly #state: DaemonState;
  readonly #runner: Runner;
  readonly #metrics: Metrics;
  readonly #notifier: Notifier;
  readonly #readiness: ReadinessCheck;
  /** Ends alerts that are still under way when the time is up. */
  readonly #giveUp = new AbortController();
  readonly #watches = new DisposableStack();
  #setup: DaemonSetup;
  #schedules: Schedules;
  #server: FastifyInstance | null = null;
  #reloading: Promise<void> = Promise.resolve();

  constructor(options: DaemonOptions) {
    const { clock, logger, setup, version } = options;
    this.#options = options;
    this.#setup = setup;
    this.#state = new DaemonState(clock);
    this.#readiness = new ReadinessCheck(this.#state);
    this.#metrics = new Metrics(this.#state, version, () => this.#setup.instances.map(({ name }) => name));
    this.#notifier = new Notifier({ clock, logger, signal: this.#giveUp.signal });
    this.#runner = new Runner({
      ...{ concurrency: setup.concurrency, clock, logger },
      onStart: ({ name, alerts }, job) => this.#notifier.notify(alerts, startNotices(name, job)),
      onFinish: (instance, run) => this.#finished(instance, run),
    });
    this.#schedules = this.#makeSchedules(setup);
  }

  async start(): Promise<void> {
    const { logger, onHangup } = this.#options;
    await this.#listen();
    this.#watches.use(
      onHangup(() => {
        this.#reloading = this.#reloading.then(() => this.#reload());
      }),
    );
    this.#watches.use(watchClock((ms) => this.#clockJumped(ms)));
    const { instances } = this.#setup;
    logger.info({ instances: instances.map(({ name }) => name), schedules: this.#schedules.size }, 'daemon started');
    await this.#learnAndCatchUp();
  }

  async stop(): Promise<ExitCode> {
    const { logger } = this.#options;
    const { graceMs } = this.#setup;
    logger.info({ graceMs }, 'shutting down: no new runs');
    this.#schedules.stop();
    this.#watches.dispose();
    const finished = this.#runner.finish();
    let exitCode: ExitCode = EXIT.done;
    if (!(await within(finished, graceMs * FINISH_SHARE))) {
      logger.warn({}, 'a run exceeds the grace time: stopping it');
      this.#runner.abort();
      await within(finished, graceMs * (1 - FINISH_SHARE) * 0.6);
      exitCode = EXIT.interrupted;
    }
    await within(this.#notifier.flush(), graceMs * (1 - FINISH_SHARE) * 0.2);
    this.#giveUp.abort();
    await this.#server?.close();
    await this.#setup[Symbol.asyncDispose]();
    logger.info({ exitCode }, 'daemon stopped');
    return exitCode;
  }

  async #listen(): Promise<void> {
    const { http } = this.#setup;
    if (http.port === null) return;
    const { logger } = this.#options;
    try {
      const { host, hosts, port } = http;
      const token = () => this.#setup.http.token;
      this.#server = await startServer({ host, hosts, port, token, logger, api: this.#api() });
      logger.info({ host, port, api: token() !== undefined }, 'HTTP is listening');
    } catch (error) {
      throw new FlowkeepError('http', `cannot listen on ${http.host}:${http.port}: ${messageOf(error)}`, {
        remedy: 'Set another http.port or http.host, or `port: null` to serve nothing.',
      });
    }
  }

  #api() {
    return {
      instances: () => this.#setup.instances.map(({ name }) => name),
      metrics: () => this.#metrics.text(),
      readiness: () => this.#readiness.check(this.#setup.instances),
      status: () =>
        describeStatus(this.#state, this.#setup.instances, {
          version: this.#options.version,
          nextRun: (instance, job) => this.#schedules.nextRun(instance, job),
          running: (instance) => this.#runner.running(instance),
        }),
      request: (name: string, job: 'backup' | 'pull', pull: object) => {
        const instance = this.#setup.instances.find((each) => each.name === name);
        if (!instance) throw new Error(`there is no instance ${name}`);
        return this.#runner.request(instance, job, pull).requested;
      },
    };
  }

  #makeSchedules({ instances, jitter }: DaemonSetup): Schedules {
    const run = (instance: DaemonInstance, job: Job): Promise<void> => this.#runner.request(instance, job).done;
    const schedules = new Schedules({ instances, jitter, logger: this.#options.logger, run });
    for (const { name } of instances) this.#state.of(name).backupPeriodMs = schedules.periodMs(name, 'backup');
    return schedules;
  }

  async #learnAndCatchUp(): Promise<void> {
    await Promise.all(this.#setup.instances.map((instance) => this.#learn(instance)));
    this.#catchUp();
  }

  /** Asks the stores for the newest snapshot: what a daemon before this one did. */
  async #learn(instance: DaemonInstance): Promise<void> {
    const { name } = instance;
    try {
      const found = await instance.newest(this.#options.signal);
      if (!found) return;
      this.#state.seed(name, found);
      if (this.#state.isInFuture(found.takenAt)) this.#tellFuture(name, found);
    } catch (error) {
      this.#options.logger.warn({ instance: name }, `the newest snapshot is not known: ${messageOf(error)}`);
    }
  }

  #tellFuture(instance: string, { id, takenAt }: NewestSnapshot): void {
    this.#options.logger.warn(
      { instance, snapshot: id, takenAt: new Date(takenAt).toISOString() },
      "the newest snapshot claims to be of the future: this machine's clock is wrong, or that of the machine that " +
        'took it was. When a backup last succeeded is taken as unknown',
    );
  }

  /** Backups that should have been: at the start, and after the machine slept. */
  #catchUp(): void {
    if (this.#options.signal.aborted) return;
    for (const instance of this.#setup.instances) {
      const { lastSuccessAt, backupPeriodMs } = this.#state.of(instance.name);
      if (backupPeriodMs === null) continue;
      const age = this.#state.now() - (lastSuccessAt ?? 0);
      if (age > backupPeriodMs) void this.#runner.request(instance, 'backup').done;
    }
  }

  #clockJumped(ms: number): void {
    this.#options.logger.warn({ ms: Math.round(ms) }, 'the clock was set, or the machine slept: rescheduling');
    this.#state.clockWasSet(ms);
    this.#schedules.restart();
    this.#catchUp();
  }

  #finished(instance: DaemonInstance, run: FinishedRun): void {
    const state = this.#state.of(run.instance);
    this.#notifier.notify(instance.alerts, endNotices(run, state));
    rememberFailure(run, state);
    this.#state.finished(run);
    this.#metrics.finished(run);
  }

  async #reload(): Promise<void> {
    const { logger, signal } = this.#options;
    let next: DaemonSetup;
    try {
      next = await this.#options.reload();
    } catch (error) {
      logger.error({}, `the new configuration is invalid, keeping the old one: ${messageOf(error)}`);
      return;
    }
    if (signal.aborted) return void (await next[Symbol.asyncDispose]());
    const old = this.#setup;
    this.#schedules.stop();
    this.#setup = next;
    this.#runner.concurrency = next.concurrency;
    this.#schedules = this.#makeSchedules(next);
    this.#state.keepOnly(next.instances.map(({ name }) => name));
    if (!sameHttp(old.http, next.http)) await this.#listenAnew();
    await this.#learnAndCatchUp();
    logger.info({ instances: next.instances.map(({ name }) => name) }, 'configuration reloaded');
    void this.#runner.idle(old.instances).then(() => old[Symbol.asyncDispose]());
  }

  async #listenAnew(): Promise<void> {
    await this.#server?.close();
    this.#server = null;
    try {
      await this.#listen();
    } catch (error) {
      // Backups go on without HTTP: its absence is what a monitor notices.
      this.#options.logger.error({}, messageOf(error));
    }
  }
}

function sameHttp(a: DaemonSetup['http'], b: DaemonSetup['http']): boolean {
  const isSame = a.port === b.port && a.host === b.host && (a.token === undefined) === (b.token === undefined);
  return isSame && a.hosts.join() === b.hosts.join();
}

/** Whether the work ended in time. */
async function within(work: Promise<void>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([work.then(() => true), delay(ms, false, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
