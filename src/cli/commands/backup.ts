import type { ExitCode } from '../../lib/exit-codes.ts';
import { backup } from '../../jobs/backup/backup.ts';
import { backupOutcome } from '../../jobs/outcome.ts';
import { forEachInstance } from '../each-instance.ts';
import { backupDocument, printBackup } from '../output/backup-report.ts';
import type { Invocation } from '../invocation.ts';
import { lockOf, waitMsOf, type LockFlags } from '../lock.ts';
import { open } from '../open.ts';
import { pickShard, shardOf } from '../shard.ts';

interface BackupFlags extends LockFlags {
  readonly shard?: string;
  readonly confirm?: boolean;
}

/** `flowkeep backup`: one snapshot of each instance. One that fails does not stop the others. */
export async function run(invocation: Invocation<BackupFlags>): Promise<ExitCode> {
  const { flags, io } = invocation;
  const shard = shardOf(flags.shard, io.env);
  const waitMs = waitMsOf(flags);
  await using opened = await open(invocation);
  const { app, output, tools } = opened;
  const instances = pickShard(app.instances(flags.instance), shard);
  if (instances.length === 0) output.line('this shard has no instances: nothing to do');
  return await forEachInstance(invocation, opened, instances, {
    run: async (instance) =>
      backup({
        instance: instance.name,
        kinds: instance.kinds,
        client: await app.client(instance),
        stores: await app.stores(instance, flags.store),
        policyOf: app.policyOf,
        confirm: flags.confirm === true,
        lock: lockOf(app, io, instance, { purpose: 'backup', waitMs }),
        ...tools,
      }),
    print: (report) => printBackup(output, report),
    document: backupDocument,
    exitCode: (report) => backupOutcome(report).exitCode,
  });
}
