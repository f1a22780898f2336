import { createTask, type ScheduledTask } from 'node-cron';
import type { Logger } from '../lib/logger.ts';
import { delayOf, type Delayed, type Jitter } from './jitter.ts';
import { isSkippedSlot, zoneFor } from './zones.ts';

export interface CronOptions {
  /** For logs: `prod backup`. */
  readonly name: string;
  readonly expression: string;
  /** IANA name. */
  readonly timezone: string;
  readonly instance: Delayed;
  readonly jitter: Jitter;
  readonly logger: Logger;
  /** Never throws. While it runs, a slot that comes is left out. */
  readonly run: () => Promise<void>;
}

export interface CronSchedule {
  /** Milliseconds since 1970. */
  readonly nextRun: () => number | null;
  /** The longest time between two of the next slots, in milliseconds. */
  readonly periodMs: number;
  /** Counts again from the current time. */
  restart(): void;
  stop(): void;
}

/** A slot is still run when it comes late by as much: a busy machine, a long garbage collection. Milliseconds. */
const LATENESS_MS = 60_000;
/** Slots that are looked at for the period: enough for a schedule that leaves out days of the week. */
const SLOTS = 12;

/**
 * A schedule on node-cron, which does the waiting, the time zones and the guard against overlap. Added here is what it
 * leaves out on purpose: a slot within the hour that daylight saving skips is run an hour later, and a slot that came
 * and went while the machine slept is run once. Its own jitter is another delay for each run, which nobody could say
 * beforehand: hence the one of jitter.ts.
 */
export function startCron(options: CronOptions): CronSchedule {
  const { name, expression, timezone, logger, instance, jitter } = options;
  const settings = {
    noOverlap: true,
    missedExecutionTolerance: LATENESS_MS,
    suppressMissedWarning: true,
    logger: cronLogger(name, logger),
  };
  const zone = zoneFor(expression, timezone);
  const slots = nextSlots(expression, zone);
  const runs = new DelayedRuns(options.run, delayOf(instance, jitter, slots));
  const run = (): Promise<void> => runs.begin();
  const task = createTask(expression, run, { ...settings, timezone: zone });
  task.on('execution:missed', () => {
    logger.warn({ schedule: name }, 'a scheduled run was missed: running it now');
    return options.run();
  });
  const tasks = [task, ...skippedSlots({ ...options, run }, zone, settings)];
  for (const each of tasks) void each.start();
  return {
    nextRun: () => runs.nextAt(task.getNextRun()),
    periodMs: longestGap(slots),
    restart() {
      for (const each of tasks) void each.stop();
      for (const each of tasks) void each.start();
    },
    stop() {
      runs.stop();
      for (const each of tasks) void each.destroy();
    },
  };
}

/** Looks every minute (or second, if the schedule has them) whether a slot falls into the hour that does not exist. */
function skippedSlots({ expression, run, name, logger }: CronOptions, zone: string, settings: object): ScheduledTask[] {
  if (zone === 'UTC') return [];
  const fields = expression.trim().split(/\s+/);
  const seconds = fields.length === 6 ? `${fields[0]} ` : '';
  const look = async ({ date }: { readonly date: Date }): Promise<void> => {
    if (!isSkippedSlot(expression, zone, date)) return;
    logger.info({ schedule: name }, 'this run falls into the hour that daylight saving skips: running it now');
    await run();
  };
  return [createTask(`${seconds}* * * * *`, look, { ...settings, timezone: 'UTC' })];
}

/** The next slots of a schedule, but for those that daylight saving skips. */
export function nextSlots(expression: string, zone: string): Date[] {
  const task = createTask(expression, () => undefined, { timezone: zone });
  const slots = task.getNextRuns(SLOTS);
  void task.destroy();
  return slots;
}

function longestGap(slots: readonly Date[]): number {
  return Math.max(...slots.slice(1).map((slot, index) => slot.getTime() - (slots[index]?.getTime() ?? 0)));
}

/** Runs that begin some time after their slot, which belongs to the run: a slot that comes meanwhile overlaps. */
class DelayedRuns {
  readonly #run: () => Promise<void>;
  readonly #delayMs: number;
  #cancel: (() => void) | null = null;
  #pendingAt: number | null = null;

  constructor(run: () => Promise<void>, delayMs: number) {
    this.#run = run;
    this.#delayMs = delayMs;
  }

  async begin(): Promise<void> {
    if (this.#delayMs > 0 && !(await this.#wait())) return;
    return this.#run();
  }

  /** When the next run begins, given the next slot. Milliseconds since 1970. */
  nextAt(slot: Date | null): number | null {
    return this.#pendingAt ?? (slot === null ? null : slot.getTime() + this.#delayMs);
  }

  /** What has not begun does not begin any more. */
  stop(): void {
    this.#cancel?.();
  }

  /** @returns false where it was stopped */
  async #wait(): Promise<boolean> {
    this.#pendingAt = Date.now() + this.#delayMs;
    try {
      return await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), this.#delayMs);
        this.#cancel = () => {
          clearTimeout(timer);
          resolve(false);
        };
      });
    } finally {
      this.#pendingAt = null;
    }
  }
}

function cronLogger(schedule: string, logger: Logger) {
  const log =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string | Error): void =>
      logger[level]({ schedule }, message instanceof Error ? message.message : message);
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}
