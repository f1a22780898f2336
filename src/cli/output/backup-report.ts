import { formatCount, printable } from '../../lib/printable.ts';
import type { BackupReport, StoreOutcome } from '../../jobs/backup/backup-types.ts';
import type { RepairResult } from '../../jobs/verify/repair.ts';
import { countFindings, describeFinding } from '../../jobs/backup/secrets-found.ts';
import type { StoreSecrets } from '../../jobs/backup/inspect-secrets.ts';
import { describeCoverage } from './coverage.ts';
import { formatBytes, formatDuration, type Output } from './output.ts';
import { backupOutcome } from '../../jobs/outcome.ts';
import { errorDocument, errorLines, infoLines } from './report-error.ts';

/** What was read, and what became of it in each store. */
export function printBackup(output: Output, report: BackupReport): void {
  const { palette } = output;
  const version = report.header.n8nVersion === null ? '' : `  n8n ${printable(report.header.n8nVersion)}`;
  output.line(`${palette.bold(report.instance)}  ${report.url}${version}`);
  for (const line of describeCoverage(report.header, palette)) output.line(line);
  for (const kind of report.shrunk) {
    output.line(`${palette.yellow('shrunk')} ${kind} lost over half of its items since the snapshot before`);
  }
  const { error } = backupOutcome(report);
  if (error?.code === 'unconfirmed') for (const line of infoLines(error, palette)) output.line(line);
  for (const outcome of report.stores) for (const line of describeOutcome(outcome, palette)) output.line(line);
  const { requests, retries } = report.client;
  const retried = retries === 0 ? '' : `, ${formatCount(retries)} retried`;
  output.line(palette.dim(`${formatCount(requests)} requests${retried} in ${formatDuration(report.durationMs)}`));
}

function describeOutcome(outcome: StoreOutcome, palette: Output['palette']): string[] {
  const where = `${outcome.store} (${outcome.location})`;
  switch (outcome.status) {
    case 'unchanged':
      return [
        `${palette.green('unchanged')} since ${outcome.snapshot.id} in ${where}`,
        ...describeOwed(outcome, palette),
        ...describeRepair(outcome.healing, palette),
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
        ...describeOwed(outcome, palette),
        ...outcome.warnings.map((warning) => `  ${palette.yellow('warning:')} ${printable(warning)}`),
        ...describeSecrets(outcome.secrets, palette),
        ...describeRepair(outcome.healing, palette),
      ];
  }
}

/** What is not in all places of the store yet. */
function describeOwed({ owed }: { readonly owed?: unknown }, palette: Output['palette']): string[] {
  return owed === undefined ? [] : errorLines(owed, palette).map((line) => `  ${line}`);
}

/** Places with a secret that are printed; `--json` has them all. */
const MAX_SECRETS = 10;

/** Where secrets are in what was saved, or were before it was. */
function describeSecrets({ policy, found }: StoreSecrets, palette: Output['palette']): string[] {
  if (found.length === 0) return [];
  const count = countFindings(found);
  const head =
    policy === 'redact'
      ? `${palette.green('redacted')} ${count}:`
      : `${palette.yellow('warning:')} ${count} in what was saved; move them to n8n credentials:`;
  const lines = found.slice(0, MAX_SECRETS).map((one) => printable(describeFinding(one)));
  if (found.length > lines.length)
    lines.push(`and ${formatCount(found.length - lines.length)} more (--json has them all)`);
  return [`  ${head}`, ...lines.map((line) => `    ${line}`)];
}

/** What became of bytes that verify had found damaged. */
function describeRepair({ healed, lost }: RepairResult, palette: Output['palette']): string[] {
  const lines: string[] = [];
  if (healed.length > 0) lines.push(`  ${palette.green('repaired')} ${formatCount(healed.length)} damaged objects`);
  if (lost.length > 0)
    lines.push(
      `  ${palette.yellow('warning:')} ${formatCount(lost.length)} objects remain damaged: n8n no ` +
        'longer has their content',
    );
  return lines;
}

/** A report as `--json` prints it. */
export function backupDocument(report: BackupReport): object {
  const { header, stores, client, ...rest } = report;
  return {
    ...rest,
    n8nVersion: header.n8nVersion,
    kinds: header.kinds,
    stores: stores.map(outcomeDocument),
    client,
  };
}

function outcomeDocument(outcome: StoreOutcome): object {
  if (outcome.status === 'failed') return { ...outcome, error: errorDocument(outcome.error) };
  return outcome.owed === undefined ? outcome : { ...outcome, owed: errorDocument(outcome.owed) };
}
