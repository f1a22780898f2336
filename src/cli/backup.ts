import type { InstanceConfig } from '../config/types.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';
import { printable } from '../lib/printable.ts';
import { backup, type BackupReport, type StoreOutcome } from '../jobs/backup.ts';
import type { Healing } from '../jobs/heal.ts';
import { describeCoverage } from './coverage.ts';
import { open, type Opened } from './open.ts';
import { formatBytes, formatCount, formatDuration, type Output } from './output.ts';
import type { Invocation } from './invocation.ts';
import { errorDocument, errorLines, exitCodeOf } from './report-error.ts';

type Result =
  | { readonly instance: string; readonly report: BackupReport; readonly error?: never }
  | { readonly instance: string; readonly report?: never; readonly error: unknown };

/** `flowkeep backup`: one snapshot of each instance. One that fails does not stop the others. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  await using opened = await open(invocation);
  const { app, output } = opened;
  const results: Result[] = [];
  for (const instance of app.instances(invocation.flags.instance)) {
    const result = await backupOne(invocation, opened, instance);
    if (result.report) printReport(output, result.report);
    else if (!invocation.flags.json) printError(invocation, output, result);
    results.push(result);
    if (invocation.io.signal.aborted) break;
  }
  output.json({ instances: results.map(resultDocument) });
  return exitCode(results);
}

async function backupOne(invocation: Invocation, opened: Opened, instance: InstanceConfig): Promise<Result> {
  const { app, progress } = opened;
  try {
    const client = await app.client(instance);
    const report = await backup({
      instance: instance.name,
      kinds: instance.kinds,
      client,
      stores: await app.stores(instance, invocation.flags.store),
      temporaryFolder: invocation.io.temporaryFolder,
      clock: app.clock,
      logger: app.logger,
      progress,
      signal: invocation.io.signal,
    });
    return { instance: instance.name, report };
  } catch (error) {
    return { instance: instance.name, error };
  }
}

/** One failed instance among several is partial; alone, or where all fail, its own code tells more. */
function exitCode(results: readonly Result[]): ExitCode {
  const codes = results.map((result) =>
    result.report ? reportCode(result.report) : exitCodeOf(result.error),
  );
  if (codes.includes(EXIT.interrupted)) return EXIT.interrupted;
  const [first = EXIT.done] = codes;
  return codes.every((code) => code === first) ? first : EXIT.partial;
}

function reportCode(report: BackupReport): ExitCode {
  const kindFailed = Object.values(report.header.kinds).some((kind) => kind.coverage === 'failed');
  const storeFailed = report.stores.some((outcome) => outcome.status === 'failed');
  return kindFailed || storeFailed ? EXIT.partial : EXIT.done;
}

function printReport(output: Output, report: BackupReport): void {
  const { palette } = output;
  const version = report.header.n8nVersion === null ? '' : `  n8n ${printable(report.header.n8nVersion)}`;
  output.line(`${palette.bold(report.instance)}  ${report.url}${version}`);
  for (const line of describeCoverage(report.header, palette)) output.line(line);
  for (const kind of report.shrunk) {
    output.line(`${palette.yellow('shrunk')} ${kind} lost over half of its items since the snapshot before`);
  }
  for (const outcome of report.stores)
    for (const line of describeOutcome(outcome, palette)) output.line(line);
  const { requests, retries } = report.client;
  const retried = retries === 0 ? '' : `, ${formatCount(retries)} retried`;
  output.line(
    palette.dim(`${formatCount(requests)} requests${retried} in ${formatDuration(report.durationMs)}`),
  );
}

function describeOutcome(outcome: StoreOutcome, palette: Output['palette']): string[] {
  const where = `${outcome.store} (${outcome.location})`;
  switch (outcome.status) {
    case 'unchanged':
      return [
        `${palette.green('unchanged')} since ${outcome.snapshot.id} in ${where}`,
        ...describeHealing(outcome.healing, palette),
      ];
    case 'failed':
      return [
        `${palette.red('not saved')} to ${where}`,
        ...errorLines(outcome.error, palette).map((line) => `  ${line}`),
      ];
    case 'saved':
      return [
        `${palette.green('saved')} ${outcome.snapshot.id} to ${where}: ` +
          `${formatCount(outcome.filesWritten)} files, ${formatBytes(outcome.bytesWritten)}`,
        `  ${printable(outcome.snapshot.subject)}`,
        ...outcome.warnings.map((warning) => `  ${palette.yellow('warning:')} ${printable(warning)}`),
        ...describeHealing(outcome.healing, palette),
      ];
  }
}

/** What became of bytes that verify had found damaged. */
function describeHealing({ healed, lost }: Healing, palette: Output['palette']): string[] {
  const lines: string[] = [];
  if (healed.length > 0)
    lines.push(`  ${palette.green('healed')} ${formatCount(healed.length)} damaged objects`);
  if (lost.length > 0)
    lines.push(
      `  ${palette.yellow('warning:')} ${formatCount(lost.length)} objects stay damaged: n8n does not hold their content any more`,
    );
  return lines;
}

function printError(invocation: Invocation, output: Output, result: Result): void {
  const lines = [`${output.palette.bold(result.instance)}`, ...errorLines(result.error, output.palette)];
  invocation.io.stderr.write(`${lines.join('\n')}\n`);
}

function resultDocument(result: Result): object {
  if (!result.report) return { instance: result.instance, error: errorDocument(result.error) };
  const { header, stores, client, ...rest } = result.report;
  return {
    ...rest,
    n8nVersion: header.n8nVersion,
    kinds: header.kinds,
    stores: stores.map(outcomeDocument),
    client,
  };
}

function outcomeDocument(outcome: StoreOutcome): object {
  return outcome.status === 'failed' ? { ...outcome, error: errorDocument(outcome.error) } : outcome;
}
