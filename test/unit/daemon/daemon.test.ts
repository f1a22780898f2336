import { afterEach, describe, expect, it } from 'vitest';
import { runDaemon } from '../../../src/daemon/daemon.ts';
import { openAlerts } from '../../../src/daemon/notify/registry.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { Secret } from '../../../src/lib/secrets/secret.ts';
import { FlowkeepError } from '../../../src/lib/errors.ts';
import { systemClock } from '../../../src/lib/time.ts';
import { Receiver } from '../../support/daemon/receiver.ts';
import { makeInstance, makeReport, makeSetup, startTestDaemon, TOKEN, type TestDaemon } from './support.ts';

let daemon: TestDaemon | undefined;
afterEach(async () => {
  await daemon?.[Symbol.asyncDispose]();
  daemon = undefined;
});

const runs = (status: string, job = 'backup'): Promise<number> =>
  daemon!.metric(`flowkeep_runs_total{instance="prod",job="${job}",status="${status}"}`);
const token = TOKEN;
const hourly = { backup: '0 * * * *' };

/** A job that goes on until it is told to end, or to stop. */
function pending() {
  const done = Promise.withResolvers<void>();
  const job = {
    stopped: false,
    begun: 0,
    finish: () => done.resolve(),
    backup: async (signal: AbortSignal) => {
      job.begun++;
      const stop = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => stop.resolve());
      await Promise.race([done.promise, stop.promise]);
      job.stopped = signal.aborted;
      signal.throwIfAborted();
      return makeReport();
    },
  };
  return job;
}

describe('at the start', () => {
  it('a backup runs where there is none yet', async () => {
    daemon = await startTestDaemon({ instances: [makeInstance({ schedules: hourly })] });
    await expect.poll(() => runs('success')).toBe(1);
  });

  it('a backup runs where the last one is older than the period, and only there', async () => {
    const at = (hours: number) => async () => ({
      ...{ id: 'x', takenAt: Date.now() - hours * 3_600_000 },
      ...{ header: makeReport().header, holders: ['repo'] },
    });
    const begun: string[] = [];
    const instances = [0.5, 1.5].map((hours) => {
      const name = `n${hours}`.replace('.', '_');
      const backup = async () => {
        begun.push(name);
        return makeReport();
      };
      return makeInstance({ name, schedules: hourly, newest: at(hours), run: { backup } });
    });
    daemon = await startTestDaemon({ instances });
    await expect.poll(() => begun).toEqual(['n1_5']);
    await daemon.stop();
    expect(begun).toEqual(['n1_5']);
  });

  it('a success of the future is not believed: a backup runs, no age is shown, and it is told once', async () => {
    const newest = async () => ({
      id: 'x',
      takenAt: Date.now() + 400 * 86_400_000,
      header: makeReport().header,
      holders: [],
    });
    const backup = () => Promise.reject(new Error('n8n is down'));
    daemon = await startTestDaemon({ instances: [makeInstance({ newest, schedules: hourly, run: { backup } })] });
    await expect.poll(() => runs('failed')).toBe(1);
    expect(await (await daemon.get('/metrics')).text()).not.toMatch(/^flowkeep_(snapshot_age|last_success)\S*\{/m);
    expect(daemon.lines.filter(({ message }) => message.includes('claims to be of the future'))).toHaveLength(1);
  });

  it('a store that is down does not keep the daemon from starting', async () => {
    const newest = () => Promise.reject(new Error('the store is down'));
    daemon = await startTestDaemon({ instances: [makeInstance({ newest, schedules: hourly })] });
    await expect.poll(() => runs('success')).toBe(1);
  });
});

describe('a port that is taken', () => {
  it('a port that is taken ends the daemon with a remedy, and leaves nothing running', async () => {
    await using receiver = await Receiver.start();
    const port = Number(new URL(receiver.url('/')).port);
    let disposed = false;
    const setup = makeSetup({
      http: { host: '127.0.0.1', hosts: [], port },
      instances: [makeInstance({ schedules: { backup: '* * * * * *' } })],
      [Symbol.asyncDispose]: async () => void (disposed = true),
    });
    const options = { ...{ setup, version: '1', clock: systemClock, logger: silentLogger } };
    const running = runDaemon({
      ...options,
      reload: () => Promise.reject(new Error('no')),
      onHangup: () => ({ [Symbol.dispose]: () => undefined }),
      signal: new AbortController().signal,
    });
    await expect(running).rejects.toMatchObject({
      code: 'http',
      message: expect.stringContaining('EADDRINUSE') as string,
    });
    expect(disposed).toBe(true);
  });
});

describe('runs of one instance', () => {
  it('runs of one instance never overlap, whatever job they are', async () => {
    let now = 0;
    let most = 0;
    const work = async (): Promise<never> => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      now--;
      throw new Error('done');
    };
    const instance = makeInstance({ run: { backup: work, pull: work } });
    daemon = await startTestDaemon({ token, instances: [instance] });
    for (let i = 0; i < 5; i++) {
      await daemon.post('/v1/backup');
      await daemon.post('/v1/pull');
    }
    await expect.poll(() => runs('failed', 'pull')).toBeGreaterThan(0);
    await daemon.stop();
    expect(most).toBe(1);
  });
});

describe('SIGTERM', () => {
  it('SIGTERM lets a run finish: exit code 0', async () => {
    const job = pending();
    daemon = await startTestDaemon({ token, graceMs: 30_000, instances: [makeInstance({ run: job })] });
    await daemon.post('/v1/backup');
    const ended = daemon.stop();
    job.finish();
    expect(await ended).toBe(0);
    expect(job.stopped).toBe(false);
  });

  it('SIGTERM stops a run that takes too long, within the grace time: exit code 130', async () => {
    const job = pending();
    daemon = await startTestDaemon({ token, graceMs: 500, instances: [makeInstance({ run: job })] });
    await daemon.post('/v1/backup');
    const began = performance.now();
    expect(await daemon.stop()).toBe(130);
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(job.stopped).toBe(true);
  });

  it('SIGTERM begins no run that waits', async () => {
    const job = pending();
    let pulls = 0;
    const pull = () => Promise.reject(new Error(String(++pulls)));
    daemon = await startTestDaemon({
      token,
      graceMs: 30_000,
      instances: [makeInstance({ run: { ...job, pull } })],
    });
    await daemon.post('/v1/backup');
    await daemon.post('/v1/pull');
    const ended = daemon.stop();
    job.finish();
    await ended;
    expect(pulls).toBe(0);
  });
});

describe('SIGHUP', () => {
  it('SIGHUP takes the new configuration, and disposes of the old one when its runs have ended', async () => {
    const job = pending();
    let disposed = false;
    const old = makeSetup({ instances: [makeInstance({ run: job })] });
    const next = Promise.withResolvers<ReturnType<typeof makeSetup>>();
    daemon = await startTestDaemon(
      { ...old, token, [Symbol.asyncDispose]: async () => void (disposed = true) },
      () => next.promise,
    );
    await daemon.post('/v1/backup');
    daemon.hangUp();
    const listening = Number(new URL(daemon.url('/')).port);
    next.resolve(
      makeSetup({
        http: { host: '127.0.0.1', hosts: [], port: listening, token: new Secret(TOKEN) },
        instances: [makeInstance({ name: 'staging' })],
      }),
    );
    await expect
      .poll(
        async () =>
          ((await (await daemon!.get('/v1/status')).json()) as { instances: { name: string }[] }).instances[0]?.name,
      )
      .toBe('staging');
    expect(disposed).toBe(false);
    job.finish();
    await expect.poll(() => disposed).toBe(true);
  });

  it('SIGHUP keeps the old configuration where the new one is wrong', async () => {
    daemon = await startTestDaemon({}, () => Promise.reject(new FlowkeepError('config', 'url is missing')));
    daemon.hangUp();
    await expect.poll(() => daemon!.lines.find(({ level }) => level === 'error')?.message).toContain('url is missing');
    expect(await (await daemon.get('/v1/status')).json()).toMatchObject({ instances: [{ name: 'prod' }] });
  });
});

describe('alerts', () => {
  const down = () => Promise.reject(new FlowkeepError('n8n-unreachable', 'n8n <!channel> is down'));
  const events = (receiver: Receiver): string[] =>
    receiver.received
      .filter(({ path }) => path === '/hook')
      .map(({ body }) => (JSON.parse(body) as { event: string }).event);

  async function startWith(
    receiver: Receiver,
    results: (() => Promise<ReturnType<typeof makeReport>>)[],
    ping = '/ping/abc',
  ) {
    const backup = () => (results.length > 1 ? results.shift()! : results[0]!)();
    const config = { name: 'prod', ping: new Secret(receiver.url(ping)) };
    const webhook = new Secret(receiver.url('/hook'));
    const alerts = openAlerts({ alerts: { webhook }, instances: [config] })('prod');
    daemon = await startTestDaemon({ token, instances: [makeInstance({ alerts, run: { backup } })] });
  }

  async function backUp(): Promise<void> {
    const before = daemon!.lines.filter(({ message }) => message.startsWith('run ended')).length;
    await daemon!.post('/v1/backup');
    await expect
      .poll(() => daemon!.lines.filter(({ message }) => message.startsWith('run ended')).length)
      .toBe(before + 1);
  }

  it('the daemon pings at start, success and failure, and reports a failure once and its end', async () => {
    await using receiver = await Receiver.start();
    await startWith(receiver, [down, down, async () => makeReport()]);
    for (let i = 0; i < 3; i++) await backUp();
    await daemon!.stop();
    expect(receiver.paths.filter((path) => path !== '/hook')).toEqual([
      ...['/ping/abc/start', '/ping/abc/fail', '/ping/abc/start', '/ping/abc/fail'],
      ...['/ping/abc/start', '/ping/abc'],
    ]);
    expect(events(receiver)).toEqual(['failed', 'recovered']);
    const [first] = receiver.received.filter(({ path }) => path === '/hook');
    expect(JSON.parse(first!.body)).toMatchObject({
      text: 'flowkeep: backup of prod failed: n8n &lt;!channel&gt; is down',
      ...{ instance: 'prod', job: 'backup', status: 'failed', exitCode: 1 },
      error: { code: 'n8n-unreachable' },
    });
  });

  it('the daemon pushes to Uptime Kuma in its own way', async () => {
    await using receiver = await Receiver.start();
    await startWith(receiver, [async () => makeReport(), down], '/api/push/abc?status=up&msg=OK&ping=');
    for (let i = 0; i < 2; i++) await backUp();
    await daemon!.stop();
    const pushes = receiver.received
      .filter(({ path }) => path !== '/hook')
      .map(({ path }) => new URL(path, 'http://x'));
    expect(pushes.map(({ pathname, searchParams }) => [pathname, searchParams.get('status')])).toEqual([
      ['/api/push/abc', 'up'],
      ['/api/push/abc', 'down'],
    ]);
  });

  it('alerts tell of shrunk kinds and of kinds that can no longer be read', async () => {
    await using receiver = await Receiver.start();
    await startWith(receiver, [
      async () => makeReport(),
      async () => makeReport({ items: 2 }, { shrunk: ['workflows'] }),
      async () => makeReport({ coverage: 'unavailable' }),
      async () => makeReport({ coverage: 'unavailable' }),
    ]);
    for (let i = 0; i < 4; i++) await backUp();
    await daemon!.stop();
    expect(events(receiver)).toEqual(['shrunk', 'unavailable']);
  });

  it('a store that held snapshots and got its first one again alerts once, although the backup is a success', async () => {
    await using receiver = await Receiver.start();
    const saved = (isFirst: boolean, emptied?: string) => async () => {
      const [store] = makeReport().stores;
      if (store?.status !== 'unchanged') throw new Error('a report of an unchanged instance');
      const written = { changes: [], filesWritten: 2, bytesWritten: 9, warnings: [] };
      const { healing, snapshot, location, store: name } = store;
      const rest = { healing, snapshot, location, store: name, secrets: { policy: 'warn', found: [] } } as const;
      const outcome = { ...rest, ...written, status: 'saved', isFirst, ...(emptied ? { emptied } : {}) } as const;
      return makeReport({}, { stores: [outcome] });
    };
    // The first snapshot of all; then a first one again; then what the store itself still shows.
    await startWith(receiver, [saved(true), saved(true), saved(false), saved(true, 'its objects are still there')]);
    for (let i = 0; i < 4; i++) await backUp();
    expect(await daemon!.metric('flowkeep_last_run_status{instance="prod",job="backup"}')).toBe(0);
    await daemon!.stop();
    const hooks = receiver.received
      .filter(({ path }) => path === '/hook')
      .map(({ body }) => JSON.parse(body) as object);
    expect(hooks).toMatchObject([
      {
        text: expect.stringMatching(
          /^flowkeep: backup of prod: store \S+ held snapshots of prod and lists none/,
        ) as string,
        ...{ event: 'failed', status: 'success', error: { code: 'store-emptied' } },
      },
      { event: 'failed', error: { code: 'store-emptied', message: 'its objects are still there' } },
    ]);
  });

  it('alerts that fail are tried three times, and fail nothing else; no URL is logged', async () => {
    await using receiver = await Receiver.start();
    receiver.answer = 500;
    await startWith(receiver, [async () => makeReport()]);
    await backUp();
    expect(await runs('success')).toBe(1);
    await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(3);
    await expect
      .poll(() => daemon!.lines.filter(({ message }) => message.startsWith('an alert')).length, {
        timeout: 15_000,
      })
      .toBeGreaterThanOrEqual(1);
    expect(JSON.stringify(daemon!.lines)).not.toContain('/ping/abc');
  });

  it('alerts that are never answered do not hold up a backup', async () => {
    await using receiver = await Receiver.start();
    receiver.answer = 'hang';
    await startWith(receiver, [async () => makeReport()]);
    for (let i = 0; i < 3; i++) await backUp();
    expect(await runs('success')).toBe(3);
  });
});

describe('metrics', () => {
  it('metrics say how the last backup was', async () => {
    const backup = async () => makeReport({ items: 42, coverage: 'unavailable' });
    daemon = await startTestDaemon({ token, instances: [makeInstance({ run: { backup } })] });
    await daemon.post('/v1/backup');
    await expect.poll(() => runs('success')).toBe(1);
    expect(await daemon.metric('flowkeep_items{instance="prod",kind="workflows"}')).toBe(42);
    expect(await daemon.metric('flowkeep_kind_coverage{instance="prod",kind="workflows",coverage="unavailable"}')).toBe(
      1,
    );
    expect(await daemon.metric('flowkeep_kind_coverage{instance="prod",kind="workflows",coverage="complete"}')).toBe(0);
    expect(await daemon.metric('flowkeep_last_run_status{instance="prod",job="backup"}')).toBe(0);
    const age = Date.now() / 1000 - (await daemon.metric('flowkeep_last_success_timestamp_seconds{instance="prod"}'));
    expect(age).toBeLessThan(10);
  });

  it('metrics say how far n8n had drifted from the snapshot before', async () => {
    const [store] = makeReport().stores;
    if (store?.status !== 'unchanged') throw new Error('a report of an unchanged instance');
    const change = {
      kind: 'workflows',
      change: 'changed',
      name: 'Sync',
      path: 'workflows/sync.w1.json',
    } as const;
    const changes = [
      { ...change, key: 'w1' },
      { ...change, key: 'w2' },
    ];
    const saved = {
      ...store,
      status: 'saved',
      changes,
      filesWritten: 2,
      bytesWritten: 9,
      warnings: [],
      isFirst: false,
      secrets: { policy: 'warn', found: [] },
    } as const;
    const reports = [makeReport({}, { stores: [saved] }), makeReport()];
    const backup = async () => reports.shift() ?? makeReport();
    daemon = await startTestDaemon({ token, instances: [makeInstance({ run: { backup } })] });
    for (const [done, drift] of [
      [1, 2],
      [2, 0],
    ] as const) {
      await daemon.post('/v1/backup');
      await expect.poll(() => runs('success')).toBe(done);
      expect(await daemon.metric('flowkeep_drift{instance="prod"}')).toBe(drift);
    }
  });

  it('metrics count requests once, although the client counts from its own start', async () => {
    let requests = 0;
    const backup = async () => {
      requests += 10;
      return makeReport({}, { client: { requests, retries: 0, bytesReceived: 0, bytesSent: 0, pausedMs: 0 } });
    };
    daemon = await startTestDaemon({ token, instances: [makeInstance({ run: { backup } })] });
    for (let done = 1; done <= 3; done++) {
      await daemon.post('/v1/backup');
      await expect.poll(() => runs('success')).toBe(done);
    }
    expect(await daemon.metric('flowkeep_requests_total{instance="prod"}')).toBe(30);
  });
});
