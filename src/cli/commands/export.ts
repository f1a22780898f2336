import { resolve } from 'node:path';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { formatCount, printable } from '../../lib/printable.ts';
import { exportSnapshot, type ExportFormatName, type ExportReport } from '../../jobs/export/export.ts';
import { openVerified } from '../../jobs/snapshots/open-verified.ts';
import { requireOne } from '../one-instance.ts';
import { open } from '../open.ts';
import { formatBytes, type Output } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';
import { unaskedMember, warnOfUnasked } from '../output/unasked.ts';
import { unverifiedLines, type UnverifiedFlag } from '../unverified.ts';

interface ExportFlags extends UnverifiedFlag {
  readonly out?: string;
  readonly format?: ExportFormatName;
}

/** `flowkeep export SNAPSHOT --out DIR`: a way out that needs no flowkeep. */
export async function run(invocation: Invocation<ExportFlags>, selector = 'latest'): Promise<ExitCode> {
  const { flags, io } = invocation;
  await using opened = await open(invocation);
  const { app, output, tools } = opened;
  const instance = requireOne('export', app.instances(flags.instance));
  const stores = await app.stores(instance, flags.store);
  const { unasked, ...source } = await openVerified(stores, instance.name, selector, {
    allowUnverified: flags.allowUnverified,
    ...tools,
  });
  warnOfUnasked(invocation, output, unasked, selector);
  const report = await exportSnapshot({
    opened: source,
    out: resolve(io.cwd, flags.out ?? ''),
    format: flags.format ?? 'files',
    ...tools,
  });
  print(output, report);
  output.json({ export: report, ...unaskedMember(unasked) });
  return EXIT.done;
}

function print(output: Output, report: ExportReport): void {
  const { palette } = output;
  for (const line of unverifiedLines(report.unverified, palette)) output.line(line);
  output.line(`${palette.green('exported')} ${report.snapshot.id} from ${report.store} to ${printable(report.out)}`);
  for (const [what, count] of Object.entries(report.counts)) output.line(`  ${formatCount(count)} ${what}`);
  output.line(`  ${formatCount(report.files)} files, ${formatBytes(report.bytes)}`);
  for (const note of report.notes) output.line(`  ${palette.yellow('note:')} ${printable(note)}`);
  if (report.format !== 'files') output.line(`  README.txt in that folder says how to import it into n8n`);
}
