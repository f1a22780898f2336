import { spawnSync } from 'node:child_process';
import { beforeEach, describe, expect, it } from 'vitest';
import { holdLeases } from '../../../../src/jobs/lock/hold-leases.ts';
import {
  acquireLease,
  LEASE_TTL_MS,
  LEASE_WAIT_MS,
  type Lease,
  type LeaseOptions,
} from '../../../../src/jobs/lock/lease.ts';
import { processPlace } from '../../../../src/jobs/lock/process-place.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { emptyMemoryState, MemoryStore, type MemoryStoreState } from '../../../support/memory-store.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const NAME = 'prod/lease.json';
let state: MemoryStoreState;
let store: MemoryStore;
let clock: VirtualClock;

beforeEach(() => {
  state = emptyMemoryState();
  store = new MemoryStore('repo', state);
  clock = new VirtualClock();
});

/** Each call is another process on the same place. */
function take(changes: Partial<LeaseOptions> = {}): Promise<Lease> {
  return acquireLease({
    store: new MemoryStore('repo', state),
    instance: 'prod',
    purpose: 'backup',
    holder: { host: 'one', pid: 7 },
    waitMs: 0,
    clock,
    logger: silentLogger,
    signal: new AbortController().signal,
    ...changes,
  });
}

async function stored(): Promise<Record<string, unknown> | null> {
  const document = await store.readDocument(NAME);
  return document && (JSON.parse(Buffer.from(document.content).toString()) as Record<string, unknown>);
}

describe('a lock', () => {
  it('a lock says who holds it, and is gone when it is released', async () => {
    const lease = await take({ purpose: 'restore' });
    expect(await stored()).toMatchObject({
      purpose: 'restore',
      host: 'one',
      pid: 7,
      acquiredAt: '2026-01-15T12:00:00.000Z',
      ttlMs: 90_000,
    });
    await lease[Symbol.asyncDispose]();
    expect(await stored()).toBeNull();
  });

  it('a lock keeps others out: exit code 11 and the holder in the message', async () => {
    await using _lease = await take({ purpose: 'restore' });
    await expect(take()).rejects.toMatchObject({
      code: 'locked',
      exitCode: 11,
      message: expect.stringContaining('restore on one, process 7') as string,
    });
  });

  it('a lock is of one instance: others go on', async () => {
    await using _lease = await take();
    await using other = await take({ instance: 'staging' });
    expect(other.signal.aborted).toBe(false);
  });

  it('a lock goes to the run that waits once it is released', async () => {
    const first = await take();
    const second = take({ waitMs: 60_000 });
    await clock.advance(10_000);
    await first[Symbol.asyncDispose]();
    await clock.advance(5_000);
    await (await second)[Symbol.asyncDispose]();
    expect(await stored()).toBeNull();
  });

  it('a lock goes to one of many that take it at the same moment', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => take()));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('a lock is renewed for as long as the work goes on', async () => {
    await using lease = await take();
    const waiting = take({ waitMs: 10 * LEASE_TTL_MS });
    waiting.catch(() => undefined);
    await clock.advance(9 * LEASE_TTL_MS);
    expect(lease.signal.aborted).toBe(false);
    expect(await stored()).toMatchObject({ renewedAt: '2026-01-15T12:13:30.000Z' });
    await clock.advance(2 * LEASE_TTL_MS);
    await expect(waiting).rejects.toMatchObject({ code: 'locked' });
  });
});

describe('a lock whose holder died', () => {
  /** A lease that nobody renews. */
  async function abandon(renewedAt = '2026-01-15T12:00:00.000Z', more: object = {}): Promise<void> {
    const lease = { flowkeepLease: 1, holder: 'x', host: 'dead', pid: 1, purpose: 'backup', ...more };
    const document = { ...lease, acquiredAt: renewedAt, renewedAt, ttlMs: LEASE_TTL_MS };
    await store.writeDocument(NAME, Buffer.from(JSON.stringify(document)), null);
  }

  it('a lock whose holder died is taken over at once where its process is known to be gone', async () => {
    const ended = spawnSync(process.execPath, ['--version']);
    await abandon(undefined, { pid: ended.pid, place: processPlace() ?? undefined });
    await (await take({ waitMs: 0 }))[Symbol.asyncDispose]();
  });

  it('a lock whose holder died is not taken over at once where its process may be on another machine', async () => {
    const ended = spawnSync(process.execPath, ['--version']);
    await abandon(undefined, { pid: ended.pid, place: 'another machine' });
    await expect(take({ waitMs: 0 })).rejects.toMatchObject({ code: 'locked' });
  });

  it('a lock whose holder died is taken over after it was seen unchanged for as long as it lives', async () => {
    await abandon();
    let taken = false;
    const waiting = take({ waitMs: LEASE_WAIT_MS }).then((lease) => {
      taken = true;
      return lease;
    });
    await clock.advance(LEASE_TTL_MS - 6_000);
    expect(taken).toBe(false);
    await clock.advance(12_000);
    expect(taken).toBe(true);
    await (await waiting)[Symbol.asyncDispose]();
  });

  it.each([
    ['far ahead', '2040-01-01T00:00:00.000Z'],
    ['far behind', '2001-01-01T00:00:00.000Z'],
  ])('a lock whose holder died is judged by no clock: one of a machine whose clock is %s', async (_how, renewedAt) => {
    await abandon(renewedAt);
    await expect(take()).rejects.toMatchObject({ code: 'locked' });
    const waiting = take({ waitMs: LEASE_WAIT_MS });
    await clock.advance(1_000);
    clock.leap(-86_400_000);
    await clock.advance(LEASE_WAIT_MS);
    await (await waiting)[Symbol.asyncDispose]();
  });

  it('a lock whose holder died goes to one of several that wait for it', async () => {
    await abandon();
    const waiting = [1, 2, 3].map(() => take({ waitMs: LEASE_WAIT_MS }));
    const settled = Promise.allSettled(waiting);
    await clock.advance(2 * LEASE_WAIT_MS);
    expect((await settled).filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('a lock whose holder died may be a document that nobody understands', async () => {
    await store.writeDocument(NAME, Buffer.from('not a lease'), null);
    const waiting = take({ waitMs: LEASE_WAIT_MS });
    await clock.advance(LEASE_WAIT_MS);
    await (await waiting)[Symbol.asyncDispose]();
  });
});

describe('a holder that lost its lock', () => {
  it('a holder that lost its lock is informed, and leaves the new holder alone', async () => {
    const lease = await take();
    const document = await store.readDocument(NAME);
    await store.writeDocument(NAME, Buffer.from('taken over'), document!.version);
    await clock.advance(31_000);
    expect(lease.signal.reason).toMatchObject({ code: 'lock-lost', exitCode: 11 });
    await lease[Symbol.asyncDispose]();
    expect(Buffer.from((await store.readDocument(NAME))!.content).toString()).toBe('taken over');
  });

  it('a holder that lost its lock goes on through an outage of the store that is shorter than the lock lives', async () => {
    const own = new MemoryStore('repo', state);
    const outage = faulty(own);
    const lease = await take({ store: outage.store });
    outage.down = true;
    await clock.advance(59_000);
    expect(lease.signal.aborted).toBe(false);
    outage.down = false;
    await clock.advance(60_000);
    expect(lease.signal.aborted).toBe(false);
    outage.down = true;
    await clock.advance(120_000);
    expect(lease.signal.reason).toMatchObject({ code: 'lock-lost' });
    await lease[Symbol.asyncDispose]();
  });
});

describe('a run that needs the whole instance', () => {
  it('a run that needs the whole instance takes the lock in each store, and passes over one that is down', async () => {
    const outage = faulty(new MemoryStore('offsite'));
    outage.down = true;
    const options = {
      ...{ instance: 'prod', purpose: 'pull', holder: { host: 'one', pid: 7 }, waitMs: 0 },
      ...{ clock, logger: silentLogger, signal: new AbortController().signal },
    };
    const lease = await holdLeases({ ...options, stores: [store, outage.store] });
    expect(await stored()).toMatchObject({ purpose: 'pull' });
    await lease[Symbol.asyncDispose]();
    expect(await stored()).toBeNull();
    await expect(holdLeases({ ...options, stores: [outage.store] })).rejects.toMatchObject({
      reason: 'unreachable',
    });
  });
});

/** A store that can be switched off. */
function faulty(real: MemoryStore): { store: MemoryStore; down: boolean } {
  const fault = { store: real, down: false };
  const failing = new Set(['readDocument', 'writeDocument']);
  fault.store = new Proxy(real, {
    get(target, key) {
      if (fault.down && failing.has(String(key)))
        return () => Promise.reject(new StoreError('unreachable', 'the store is down'));
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? (member as (...args: unknown[]) => unknown).bind(target) : member;
    },
  });
  return fault;
}
