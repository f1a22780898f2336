import type { Logger } from '../lib/logger.ts';
import { startCron, type CronSchedule } from './cron.ts';
import type { Jitter } from './jitter.ts';
import { JOBS, type Job } from './run.ts';
import type { DaemonInstance } from './types.ts';

export interface SchedulesOptions {
  readonly instances: readonly DaemonInstance[];
  readonly jitter: Jitter;
  readonly logger: Logger;
  readonly run: (instance: DaemonInstance, job: Job) => Promise<void>;
}

/** Every schedule of a configuration. */
export class Schedules {
  readonly #crons = new Map<string, CronSchedule>();

  constructor({ instances, jitter, logger, run }: SchedulesOptions) {
    for (const instance of instances) {
      for (const job of JOBS) {
        const expression = instance.schedules[job];
        if (expression === null) continue;
        const { name, timezone } = instance;
        const cron = startCron({
          ...{ name: `${name} ${job}`, expression, timezone, instance, jitter, logger },
          run: () => run(instance, job),
        });
        this.#crons.set(`${name}/${job}`, cron);
      }
    }
  }

  get size(): number {
    return this.#crons.size;
  }

  /** Milliseconds since 1970; null without a schedule. */
  nextRun(instance: string, job: Job): number | null {
    return this.#crons.get(`${instance}/${job}`)?.nextRun() ?? null;
  }

  periodMs(instance: string, job: Job): number | null {
    return this.#crons.get(`${instance}/${job}`)?.periodMs ?? null;
  }

  /** After the clock was set. */
  restart(): void {
    for (const cron of this.#crons.values()) cron.restart();
  }

  stop(): void {
    for (const cron of this.#crons.values()) cron.stop();
  }
}
