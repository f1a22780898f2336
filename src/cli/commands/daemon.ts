import type { App } from '../../app/app.ts';
import type { InstanceConfig } from '../../config/types.ts';
import { runDaemon } from '../../daemon/daemon.ts';
import { openAlerts } from '../../daemon/notify/registry.ts';
import type { DaemonInstance, DaemonSetup } from '../../daemon/types.ts';
import { UsageError } from '../../lib/errors.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { noProgress } from '../../lib/progress.ts';
import { backup } from '../../jobs/backup/backup.ts';
import { newestSnapshot } from '../../jobs/snapshots/newest-snapshot.ts';
import { prune } from '../../jobs/prune/prune.ts';
import { pull } from '../../jobs/pull/pull.ts';
import { verify } from '../../jobs/verify/verify.ts';
import type { Invocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { holdInstance, lockOf } from '../lock.ts';
import { open } from '../open.ts';
import { pruneTargets } from '../prune-targets.ts';
import { flowkeepVersion } from '../version.ts';

/** How long a scheduled run waits for another holder of the lock: a large restore may take that long. Milliseconds. */
const WAIT_MS = 10 * 60_000;
/** What the daemon's own end may take longer than its grace, in milliseconds, before the process is ended. */
const BEYOND_GRACE_MS = 5_000;

/** `flowkeep daemon`: runs the schedules and the HTTP endpoints until SIGTERM. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  // Nobody sits before a daemon: what it does is in its log, on a terminal too.
  const verbose = { ...invocation, flags: { logLevel: 'info' as const, ...invocation.flags } };
  const first = await open(verbose);
  const { app, output } = first;
  const exitCode = await runDaemon({
    setup: makeSetup(app, verbose),
    reload: async () => {
      const again = await open(verbose);
      try {
        return makeSetup(again.app, verbose);
      } catch (error) {
        await again[Symbol.asyncDispose]();
        throw error;
      }
    },
    onHangup: (listener) => invocation.io.onHangup(listener),
    version: flowkeepVersion(),
    clock: app.clock,
    logger: app.logger,
    signal: invocation.io.signal,
  });
  output.json({ ended: true, exitCode });
  return exitCode;
}

/** @throws UsageError where there is nothing that the daemon could do */
function makeSetup(app: App, { io, flags }: Invocation): DaemonSetup {
  const { http, daemon } = app.config;
  const chosen = app.instances(flags.instance);
  const alertsOf = openAlerts(app.config);
  const isScheduled = chosen.some(({ schedules }) => Object.values(schedules).some((each) => each !== null));
  if (!isScheduled && (http.token === undefined || http.port === null)) {
    throw new UsageError(
      'the daemon has nothing to do: no schedule is set, and no token for POST /v1/backup',
      'Set FLOWKEEP_SCHEDULE, for example to "*/15 * * * *", or schedules.backup in the config file.',
    );
  }
  io.allowToStop(daemon.grace + BEYOND_GRACE_MS);
  return {
    instances: chosen.map((instance) => ({
      ...makeInstance(app, io, instance, flags.store),
      alerts: alertsOf(instance.name),
    })),
    http,
    concurrency: daemon.concurrency,
    jitter: daemon.jitter ?? 0,
    graceMs: daemon.grace,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

function makeInstance(
  app: App,
  io: Io,
  instance: InstanceConfig,
  storeName: string | undefined,
): Omit<DaemonInstance, 'alerts'> {
  const { name, url, kinds, timezone, schedules } = instance;
  const { clock, logger, openSpool } = app;
  const stores = () => app.stores(instance, storeName);
  const shared = {
    ...{ instance: name, kinds, policyOf: app.policyOf },
    ...{ clock, logger, openSpool, progress: noProgress },
  };
  return {
    ...{ name, url, timezone, schedules },
    newest: async (signal) => newestSnapshot(await stores(), name, { clock, logger, signal }),
    async checkStores(signal) {
      for (const store of await stores()) await store.check(signal);
    },
    run: {
      async backup(signal) {
        const lock = lockOf(app, io, instance, { purpose: 'backup', waitMs: WAIT_MS });
        return backup({ ...shared, client: await app.client(instance), stores: await stores(), lock, signal });
      },
      async verify(signal) {
        const all = { selector: { all: true }, share: 1 } as const;
        return verify({ ...shared, ...all, stores: await stores(), signal });
      },
      async prune(signal) {
        const targets = await pruneTargets(app, [instance], storeName);
        const held = { purpose: 'prune', waitMs: WAIT_MS, stores: await stores(), signal };
        await using lease = await holdInstance(app, io, instance, held);
        return await prune({ ...shared, targets, dryRun: false, signal: lease.signal });
      },
      async pull(request, signal) {
        const held = { purpose: 'pull', waitMs: WAIT_MS, stores: await stores(), signal };
        await using lease = await holdInstance(app, io, instance, held);
        const settings = { ...instance.pull, ...request };
        return await pull({
          ...{ ...shared, ...settings, client: await app.client(instance), stores: held.stores },
          signal: lease.signal,
        });
      },
    },
  };
}
