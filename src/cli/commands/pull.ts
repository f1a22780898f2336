import type { InstanceConfig } from '../../config/types.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { printable } from '../../lib/printable.ts';
import { pull, type PullReport } from '../../jobs/pull/pull.ts';
import { pullOutcome } from '../../jobs/outcome.ts';
import { forEachInstance } from '../each-instance.ts';
import { backupDocument, printBackup } from '../output/backup-report.ts';
import type { Invocation } from '../invocation.ts';
import { holdInstance, waitMsOf, type LockFlags } from '../lock.ts';
import { open, type Opened } from '../open.ts';
import { table } from '../../lib/columns.ts';
import { formatDuration, type Output } from '../output/output.ts';
import type { AutoPublish, SourceControlFile } from '../../jobs/pull/source-control.ts';

interface PullFlags extends LockFlags {
  readonly force?: boolean;
  readonly autoPublish?: AutoPublish;
}

/** `flowkeep pull`: n8n's own source-control pull, between a safety snapshot and a backup. */
export async function run(invocation: Invocation<PullFlags>): Promise<ExitCode> {
  await using opened = await open(invocation);
  const { app, output } = opened;
  return await forEachInstance(invocation, opened, app.instances(invocation.flags.instance), {
    run: (instance) => pullOne(invocation, opened, instance),
    print: (report) => print(output, report),
    document: toDocument,
    exitCode: (report) => pullOutcome(report).exitCode,
  });
}

async function pullOne(
  { io, flags }: Invocation<PullFlags>,
  { app, output, tools }: Opened,
  instance: InstanceConfig,
): Promise<PullReport> {
  const stores = await app.stores(instance, flags.store);
  const waitMs = waitMsOf(flags);
  await using lease = await holdInstance(app, io, instance, { purpose: 'pull', waitMs, stores });
  output.line(output.palette.bold(instance.name));
  return await pull({
    ...{ instance: instance.name, kinds: instance.kinds, stores },
    policyOf: app.policyOf,
    client: await app.client(instance),
    force: flags.force ?? instance.pull.force,
    autoPublish: flags.autoPublish ?? instance.pull.autoPublish,
    onPreview: (files) => printPreview(output, files),
    ...tools,
    signal: lease.signal,
  });
}

function printPreview(output: Output, files: readonly SourceControlFile[] | null): void {
  if (files === null) output.line('  this n8n cannot preview a pull');
  else if (files.length === 0) output.line('  nothing to pull');
  else for (const line of describeFiles(files, output)) output.line(line);
}

function print(output: Output, report: PullReport): void {
  const { palette } = output;
  if (report.status === 'refused') {
    const count = report.losses.length;
    output.line(`  ${palette.red('refused')}: ${count} of these would be overwritten or deleted`);
    output.line(`    ${palette.cyan('→')} Pull with --force to allow that; a safety snapshot is taken first.`);
  }
  if (report.status === 'pulled') {
    for (const store of report.safety?.stores ?? []) {
      if (store.status === 'saved') output.line(`  safety snapshot ${store.snapshot.id} in ${store.store}`);
      if (store.status === 'failed') output.line(`  ${palette.yellow('no safety snapshot')} in ${store.store}`);
    }
    output.line(`  ${palette.green('pulled')} ${report.files.length} files`);
    for (const line of describeFiles(report.files, output)) output.line(line);
    if (report.backup) printBackup(output, report.backup);
  }
  output.line(palette.dim(`in ${formatDuration(report.durationMs)}`));
}

function describeFiles(files: readonly SourceControlFile[], { palette }: Output): string[] {
  const rows = files.map(({ status, type, name, id, conflict, publishingError }) => [
    status === 'deleted' ? palette.red(status) : status === 'modified' ? palette.yellow(status) : printable(status),
    printable(type),
    printable(name === '' ? id : name),
    [
      conflict ? palette.yellow('conflict') : '',
      publishingError === undefined ? '' : palette.red(`not published: ${printable(publishingError)}`),
    ]
      .filter((note) => note !== '')
      .join(', '),
  ]);
  return table(rows, '    ');
}

function toDocument({ safety, backup, ...rest }: PullReport): object {
  return { ...rest, safety: safety && backupDocument(safety), backup: backup && backupDocument(backup) };
}
