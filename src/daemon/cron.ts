import { createTask, type ScheduledTask } from 'node-cron';
import type { Logger } from '../lib/logger.ts';
import { isSkippedSlot, zoneFor } from './zones.ts';

export interface CronOptions {
  /** For logs: `prod backup`. */
  readonly name: string;
  readonly expression: string;
  /** IANA name. */
  readonly timezone: string;
  /** Longest random delay before a run, in milliseconds. */
  readonly jitterMs: number;
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
 * A schedule on node-cron, which does the waiting, the time zones, the jitter and the guard against overlap. Added here
 * is what it leaves out on purpose: a slot within the hour that daylight saving skips is run an hour later, and a slot
 * that came and went while the machine slept is run once.
 */
export function startCron(options: CronOptions): CronSchedule {
  const { name, expression, timezone, logger, run } = options;
  const settings = {
    noOverlap: true,
    missedExecutionTolerance: LATENESS_MS,
    suppressMissedWarning: true,
    logger: cronLogger(name, logger),
  };
  const zone = zoneFor(expression, timezone);
  const task = createTask(expression, run, { ...settings, timezone: zone, maxRandomDelay: options.jitterMs });
  task.on('execution:missed', () => {
    logger.warn({ schedule: name }, 'a scheduled run was missed: running it now');
    return run();
  });
  const tasks = [task, ...skippedSlots(options, zone, settings)];
  for (const each of tasks) void each.start();
  return {
    nextRun: () => task.getNextRun()?.getTime() ?? null,
    periodMs: longestGap(task),
    restart() {
      for (const each of tasks) void each.stop();
      for (const each of tasks) void each.start();
    },
    stop() {
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

function longestGap(task: ScheduledTask): number {
  const slots = task.getNextRuns(SLOTS).map((date) => date.getTime());
  return Math.max(...slots.slice(1).map((slot, index) => slot - (slots[index] ?? slot)));
}

function cronLogger(schedule: string, logger: Logger) {
  const log =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string | Error): void =>
      logger[level]({ schedule }, message instanceof Error ? message.message : message);
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}
