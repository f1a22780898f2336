// The lock of an instance, kept as a document in its stores. It uses the store's compare-and-swap and nothing
// else: no server, no clock of another machine.

import { randomUUID } from 'node:crypto';
import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { canonicalJson } from '../../lib/json/json.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Clock } from '../../lib/time.ts';
import { isStoreError } from '../../store/errors.ts';
import type { Store } from '../../store/store.ts';
import { parseLease, type LeaseDocument } from './lease-document.ts';
import { isGone } from './process-place.ts';

/** How long a lease lives that nobody renews, and how often its holder renews it, in milliseconds. */
export const LEASE_TTL_MS = 90_000;
export const LEASE_RENEW_MS = 30_000;
/**
 * How long a run waits for another one by default. Longer than a lease lives, so that one whose holder died never keeps
 * a run from its work, not even one that starts fresh each time and remembers nothing.
 */
export const LEASE_WAIT_MS = 120_000;

/** Polls begin quickly, since most runs hold a lease for a second, and end at the longest pause between two looks. */
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5_000;

/** Who holds a lease, for the people who read of it. */
export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  /** See process-place.ts; left out where the system does not tell. */
  readonly place?: string | undefined;
}

export interface LeaseOptions {
  readonly store: Store;
  readonly instance: string;
  /** `backup`, `restore`, `prune`, `pull`. */
  readonly purpose: string;
  readonly holder: LeaseHolder;
  /** Milliseconds to wait for another holder; 0: one look. */
  readonly waitMs: number;
  readonly ttlMs?: number;
  readonly renewMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** The right to write one instance's snapshots in one store, until it is disposed of. */
export interface Lease extends AsyncDisposable {
  /** Aborts with the signal of the options, and with LeaseLostError when another run has taken over. */
  readonly signal: AbortSignal;
  /** Whether another run held it first: then what was read before may be out of date. */
  readonly waited: boolean;
}

/** Exit code 11. */
export class LockedError extends FlowkeepError {
  override readonly name = 'LockedError';

  constructor(options: LeaseOptions, lease: LeaseDocument | null, waitedMs: number) {
    const who = lease
      ? `${lease.purpose} on ${lease.host}, process ${lease.pid}, since ${lease.acquiredAt}`
      : 'unknown holder';
    const message = `another run holds the lock of ${options.instance} in store ${options.store.name} (${who})`;
    super('locked', waitedMs === 0 ? message : `${message}, still after ${Math.round(waitedMs / 1000)} s`, {
      exitCode: EXIT.locked,
      remedy:
        'Wait for that run to end, or wait longer with --wait. The lock of a run that died is taken over after ' +
        `${(lease?.ttlMs ?? LEASE_TTL_MS) / 1000} s.`,
    });
  }
}

/** The lock was lost while the work went on: the store could not be reached for too long, or another run took over. */
export class LeaseLostError extends FlowkeepError {
  override readonly name = 'LeaseLostError';

  constructor({ instance, store }: LeaseOptions, why: string) {
    super('lock-lost', `the lock of ${instance} in store ${store.name} was lost: ${why}`, {
      exitCode: EXIT.locked,
      remedy: 'Check what the other run did, then run again.',
    });
  }
}

/**
 * Takes the lock of an instance in a store and keeps it by renewing it. A lock whose holder died is taken over at
 * once where its process is known to be gone (it ran on this machine), and elsewhere once it was seen unchanged for
 * as long as it lives: that time is counted in this process's own waits, so that clocks of two machines are never
 * compared.
 * @throws LockedError where another run still holds it after the wait; StoreError; InterruptedError
 */
export async function acquireLease(options: LeaseOptions): Promise<Lease> {
  const { store, clock, logger, signal, instance, ttlMs = LEASE_TTL_MS } = options;
  const name = leaseName(instance);
  const id = randomUUID();
  let seen: Seen = { version: null, forMs: 0 };
  let waitedMs = 0;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS)) {
    const found = await store.readDocument(name, signal);
    const held = found && parseLease(found.content);
    if (found && found.version !== seen.version) seen = { version: found.version, forMs: 0 };
    const isStale = found !== null && (seen.forMs >= (held?.ttlMs ?? ttlMs) || holderIsGone(held));
    if (!found || isStale) {
      const fresh = newLease(options, id, ttlMs);
      const version = await tryWrite(store, name, fresh, found?.version ?? null, signal);
      if (isStale && version !== null)
        logger.warn({ instance, store: store.name, holder: held }, 'took over the lock of a run that died');
      if (version !== null) return keep(options, fresh, version, waitedMs > 0);
    }
    if (waitedMs >= options.waitMs) throw new LockedError(options, held, waitedMs);
    if (waitedMs === 0) logger.info({ instance, store: store.name, holder: held }, 'waiting for another run');
    const pauseMs = Math.min(pollMs, options.waitMs - waitedMs);
    await clock.sleep(pauseMs, signal);
    waitedMs += pauseMs;
    seen = { ...seen, forMs: seen.forMs + pauseMs };
  }
}

function holderIsGone(held: LeaseDocument | null): boolean {
  return held !== null && isGone(held.pid, held.place ?? null);
}

/** A version of the lease, and for how many milliseconds of waiting it did not change. */
interface Seen {
  readonly version: string | null;
  readonly forMs: number;
}

export function leaseName(instance: string): string {
  return `${instance}/lease.json`;
}

function newLease({ clock, purpose, holder }: LeaseOptions, id: string, ttlMs: number): LeaseDocument {
  const now = new Date(clock.now()).toISOString();
  return { flowkeepLease: 1, holder: id, ...holder, purpose, acquiredAt: now, renewedAt: now, ttlMs };
}

/** @returns the version that was written, or null where another run was faster */
async function tryWrite(
  store: Store,
  name: string,
  lease: LeaseDocument,
  expected: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    return await store.writeDocument(name, Buffer.from(canonicalJson(lease)), expected, signal);
  } catch (error) {
    if (isStoreError(error, 'conflict')) return null;
    throw error;
  }
}

/** Renews until it is disposed of, then gives the lock back. */
function keep(options: LeaseOptions, lease: LeaseDocument, firstVersion: string, waited: boolean): Lease {
  const { store, logger, instance } = options;
  const lost = new AbortController();
  const released = new AbortController();
  let version = firstVersion;
  const renewing = renewUntil(released.signal, options, lease, version, (next) => (version = next)).catch(
    (error: unknown) => {
      logger.error({ instance, store: store.name }, messageOf(error));
      lost.abort(error);
    },
  );
  return {
    signal: AbortSignal.any([options.signal, lost.signal]),
    waited,
    async [Symbol.asyncDispose]() {
      released.abort();
      await renewing;
      if (!lost.signal.aborted) await release(options, version);
    },
  };
}

async function renewUntil(
  released: AbortSignal,
  options: LeaseOptions,
  lease: LeaseDocument,
  firstVersion: string,
  onRenewed: (version: string) => void,
): Promise<void> {
  const { store, clock, logger, instance, renewMs = LEASE_RENEW_MS } = options;
  const name = leaseName(instance);
  let version = firstVersion;
  let sinceMs = 0;
  while (await pause(clock, renewMs, released)) {
    sinceMs += renewMs;
    try {
      const renewed = { ...lease, renewedAt: new Date(clock.now()).toISOString() };
      version = await store.writeDocument(name, Buffer.from(canonicalJson(renewed)), version);
      onRenewed(version);
      sinceMs = 0;
    } catch (error) {
      if (isStoreError(error, 'conflict')) throw new LeaseLostError(options, 'another run has taken over');
      if (sinceMs + renewMs > lease.ttlMs) throw new LeaseLostError(options, messageOf(error));
      logger.warn({ instance, store: store.name }, `the lock could not be renewed yet: ${messageOf(error)}`);
    }
  }
}

/** Waits; false where the signal came first. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** The work is done by then: a lock that cannot be given back only makes the next run wait until it has died. */
async function release({ store, logger, instance }: LeaseOptions, version: string): Promise<void> {
  try {
    await store.removeDocument(leaseName(instance), version);
  } catch (error) {
    if (!(error instanceof FlowkeepError)) throw error;
    logger.warn({ instance, store: store.name }, `the lock could not be released: ${messageOf(error)}`);
  }
}
