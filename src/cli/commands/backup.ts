import type { InstanceConfig } from '../../config/types.ts';
import { exitCodeOf } from '../../lib/errors.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { backup } from '../../jobs/backup/backup.ts';
import { backupOutcome } from '../../jobs/outcome.ts';
import { backupDocument, printBackup } from '../output/backup-report.ts';
import type { Invocation } from '../invocation.ts';
import { lockOf, waitMsOf, type LockFlags } from '../lock.ts';
import { open, type Opened } from '../open.ts';
import type { Output } from '../output/output.ts';
import { errorDocument, errorLines } from '../output/report-error.ts';
import { pickShard, shardOf } from '../shard.ts';
import type { BackupReport } from '../../jobs/backup/backup-types.ts';

interface BackupFlags extends LockFlags {
  readonly shard?: string;
}

type Result =
  | { readonly instance: string; readonly report: BackupReport; readonly error?: never }
  | { readonly instance: string; readonly report?: never; readonly error: unknown };

/** `flowkeep backup`: one snapshot of each instance. One that fails does not stop the others. */
export async function run(invocation: Invocation<BackupFlags>): Promise<ExitCode> {
  const { flags, io } = invocation;
  const shard = shardOf(flags.shard, io.env);
  const waitMs = waitMsOf(flags);
  await using opened = await open(invocation);
  const { app, output } = opened;
  const instances = pickShard(app.instances(flags.instance), shard);
  if (instances.length === 0) output.line('this shard has no instances: nothing to do');
  const results: Result[] = [];
  for (const instance of instances) {
    const result = await backupOne(invocation, opened, instance, waitMs);
    if (result.report) printBackup(output, result.report);
    else if (!invocation.flags.json) printError(invocation, output, result);
    results.push(result);
    if (invocation.io.signal.aborted) break;
  }
  output.json({ instances: results.map(resultDocument) });
  return exitCode(results);
}

async function backupOne(
  invocation: Invocation,
  opened: Opened,
  instance: InstanceConfig,
  waitMs: number,
): Promise<Result> {
  const { app, tools } = opened;
  try {
    const client = await app.client(instance);
    const report = await backup({
      instance: instance.name,
      kinds: instance.kinds,
      client,
      stores: await app.stores(instance, invocation.flags.store),
      policyOf: app.policyOf,
      lock: lockOf(app, invocation.io, instance, { purpose: 'backup', waitMs }),
      ...tools,
    });
    return { instance: instance.name, report };
  } catch (error) {
    return { instance: instance.name, error };
  }
}

/** One failed instance among several is partial; alone, or where all fail, its own code tells more. */
function exitCode(results: readonly Result[]): ExitCode {
  const codes = results.map((result) =>
    result.report ? backupOutcome(result.report).exitCode : exitCodeOf(result.error),
  );
  if (codes.includes(EXIT.interrupted)) return EXIT.interrupted;
  const [first = EXIT.done] = codes;
  return codes.every((code) => code === first) ? first : EXIT.partial;
}

function printError(invocation: Invocation, output: Output, result: Result): void {
  const lines = [`${output.palette.bold(result.instance)}`, ...errorLines(result.error, output.palette)];
  invocation.io.stderr.write(`${lines.join('\n')}\n`);
}

function resultDocument(result: Result): object {
  if (!result.report) return { instance: result.instance, error: errorDocument(result.error) };
  return backupDocument(result.report);
}
