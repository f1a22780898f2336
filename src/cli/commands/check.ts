import type { ExitCode } from '../../lib/exit-codes.ts';
import { formatCount, printable } from '../../lib/printable.ts';
import type { App } from '../../app/app.ts';
import { describePreview, previewSchedules, type SchedulePreview } from '../../daemon/schedule-preview.ts';
import type { InstanceConfig } from '../../config/types.ts';
import { check, type CheckReport, type KindCheck, type Restorable } from '../../jobs/check.ts';
import { plural } from '../../kinds/kinds.ts';
import { checkOutcome } from '../../jobs/outcome.ts';
import { open } from '../open.ts';
import { table } from '../../lib/columns.ts';
import type { Output } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';
import { errorDocument, errorLines } from '../output/report-error.ts';

/** `flowkeep check`: whether everything works before it is needed. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  await using opened = await open(invocation);
  const { app, output } = opened;
  const reports: CheckReport[] = [];
  const schedules: SchedulePreview[][] = [];
  for (const instance of app.instances(invocation.flags.instance)) {
    const report = await check({
      instance: instance.name,
      kinds: instance.kinds,
      client: await app.client(instance),
      stores: await app.stores(instance, invocation.flags.store),
      unattended: unattendedCommands(app, instance),
      signal: invocation.io.signal,
    });
    reports.push(report);
    print(output, report);
    const previews = previewSchedules(instance, app.config.daemon.jitter ?? 0);
    printSchedules(output, previews);
    schedules.push(previews);
  }
  const documents = reports.map((report, index) => ({ ...toDocument(report), schedules: schedules[index] }));
  output.json({ instances: documents });
  const all = {
    stores: reports.flatMap(({ stores }) => stores),
    kinds: reports.flatMap(({ kinds }) => kinds),
  };
  return checkOutcome(all).exitCode;
}

function unattendedCommands({ config }: App, { schedules }: InstanceConfig): CheckReport['unattended']['commands'] {
  const { port, token } = config.http;
  const pullsByApi = port !== null && token !== undefined;
  return schedules.pull !== null || pullsByApi ? ['backup', 'pull'] : ['backup'];
}

function print(output: Output, report: CheckReport): void {
  const { palette } = output;
  const version = report.n8nVersion === null ? 'version unknown' : printable(report.n8nVersion);
  output.line(`${palette.bold(report.instance)}  ${report.url}  n8n ${version}`);
  output.line(`  ${palette.green('✓')} the key works`);
  const rows = report.kinds.map((kind) => [plural(kind.kind), describeRead(kind, palette), describeRestore(kind)]);
  for (const line of table([['', palette.dim('backup'), palette.dim('restore')], ...rows], '  ')) output.line(line);
  printScopes(output, report);
  for (const store of report.stores) printStore(output, report.instance, store);
}

function describeRead({ failure }: KindCheck, palette: Output['palette']): string {
  if (failure === null) return palette.green('readable');
  const words = { licence: 'unlicensed', scope: 'no scope', version: 'n8n too old', error: 'failed' }[
    failure.reason.code
  ];
  const colour = failure.coverage === 'failed' ? palette.red : palette.yellow;
  return `${colour(words)} (skipped)`;
}

const RESTORABLE: Readonly<Record<Restorable, string>> = {
  'original-ids': 'under original ids',
  'new-ids': 'under new ids, references rewritten',
  'by-name': 'by name',
  'on-request': 'only on request',
  'no-scope': 'not possible with this key',
};

function describeRestore({ failure, restorable, missing }: KindCheck): string {
  if (failure?.reason.code === 'licence') return printable(failure.reason.message);
  if (restorable !== 'no-scope') return RESTORABLE[restorable];
  return `${RESTORABLE['no-scope']}: lacks ${missing.map((need) => need.scope).join(', ')}`;
}

function printScopes(output: Output, report: CheckReport): void {
  const { palette } = output;
  if (report.capabilities.scopes === 'unknown') {
    output.line('  this n8n does not list the scopes of an API key: a missing scope shows up as a failed request');
    return;
  }
  for (const { command, missing } of report.commands) {
    if (missing.length === 0) output.line(`  ${palette.green('✓')} the key has every scope of \`${command}\``);
    else output.line(`  ${palette.yellow('!')} \`${command}\` lacks:`);
    for (const need of missing) {
      const flag = need.onlyWith === undefined ? '' : ` (only with ${need.onlyWith})`;
      output.line(
        `      ${need.scope}: to ${need.purpose}${flag}${need.without === undefined ? '' : `; ${need.without}`}`,
      );
    }
  }
  printNeedless(
    output,
    'the key has more scopes than flowkeep needs; a key with fewer scopes is safer',
    report.needless,
  );
  const { commands, needless } = report.unattended;
  const unattended = commands.map((command) => `\`${command}\``).join(' and ');
  printNeedless(
    output,
    `unattended runs (${unattended}) need none of these; use a separate key for the other commands`,
    needless,
  );
}

function printNeedless(output: Output, words: string, scopes: readonly string[]): void {
  if (scopes.length === 0) return;
  output.line(`  ${output.palette.yellow('!')} ${words}:`);
  output.line(`      ${scopes.join(', ')}`);
}

function printSchedules(output: Output, previews: readonly SchedulePreview[]): void {
  for (const preview of previews) {
    const [runs = '', warning] = describePreview(preview);
    output.line(`  ${runs}`);
    if (warning !== undefined) output.line(`  ${output.palette.yellow('!')} ${warning}`);
  }
}

function printStore(output: Output, instance: string, store: CheckReport['stores'][number]): void {
  const { palette } = output;
  if (store.error === undefined) {
    output.line(`  ${palette.green('✓')} store ${store.store} (${store.location}): ${holdingWords(instance, store)}`);
    if (store.weakness !== undefined) output.line(`  ${palette.yellow('!')} store ${store.store} is ${store.weakness}`);
    return;
  }
  output.line(`  ${palette.red('✗')} store ${store.store} (${store.location})`);
  for (const line of errorLines(store.error, palette)) output.line(`      ${line}`);
}

function holdingWords(instance: string, { snapshots = 0 }: CheckReport['stores'][number]): string {
  if (snapshots === 0) return `no snapshot of ${instance} yet`;
  return snapshots === 1 ? '1 snapshot' : `${formatCount(snapshots)} snapshots`;
}

function toDocument(report: CheckReport): object {
  const stores = report.stores.map(({ error, ...where }) => ({
    ...where,
    ok: error === undefined,
    ...(error === undefined ? {} : { error: errorDocument(error) }),
  }));
  return { ...report, stores };
}
