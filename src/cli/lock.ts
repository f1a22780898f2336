import { hostname } from 'node:os';
import type { App } from '../app/app.ts';
import type { InstanceConfig } from '../config/types.ts';
import { UsageError } from '../lib/errors.ts';
import { holdLeases } from '../jobs/lock/hold-leases.ts';
import { acquireLease, LEASE_WAIT_MS, type Lease } from '../jobs/lock/lease.ts';
import { processPlace } from '../jobs/lock/process-place.ts';
import type { Io } from './io.ts';

export interface LockFlags {
  readonly wait?: string;
}

type Stores = Awaited<ReturnType<App['stores']>>;

interface LockOptions {
  readonly purpose: string;
  readonly waitMs: number;
}

/** Takes the lock of an instance in one store; for a backup that is about to save. */
export function lockOf(app: App, io: Io, instance: InstanceConfig, options: LockOptions) {
  return (store: Stores[number], signal: AbortSignal): Promise<Lease> =>
    acquireLease({ ...common(app, io, instance, options), store, signal });
}

/** Takes the lock of an instance in these stores; for a run that changes more than one snapshot. */
export function holdInstance(
  app: App,
  io: Io,
  instance: InstanceConfig,
  options: LockOptions & { readonly stores: Stores; readonly signal?: AbortSignal },
): Promise<Lease> {
  const { stores, signal = io.signal } = options;
  return holdLeases({ ...common(app, io, instance, options), stores, signal });
}

/** Milliseconds of `--wait SECONDS`. @throws UsageError */
export function waitMsOf({ wait }: LockFlags): number {
  if (wait === undefined) return LEASE_WAIT_MS;
  if (/^\d{1,5}$/.test(wait)) return Number(wait) * 1000;
  throw new UsageError(
    `invalid --wait ${JSON.stringify(wait)}: expected a number of seconds, for example 120`,
    'Use --wait 0 not to wait at all.',
  );
}

function common(app: App, io: Io, { name }: InstanceConfig, { purpose, waitMs }: LockOptions) {
  const holder = { host: hostname(), pid: io.pid, place: processPlace() ?? undefined };
  return { instance: name, purpose, holder, waitMs, clock: app.clock, logger: app.logger };
}
