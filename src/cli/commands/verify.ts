import { UsageError } from '../../lib/errors.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { formatCount, printable } from '../../lib/printable.ts';
import { verifyOutcome } from '../../jobs/outcome.ts';
import { verify, type VerifiedStore, type VerifyReport } from '../../jobs/verify/verify.ts';
import { open } from '../open.ts';
import { formatBytes, formatDuration, type Output } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';
import { errorDocument, errorLines } from '../output/report-error.ts';
import type { UnverifiedFlag } from '../unverified.ts';
import type { Damage, DanglingReference } from '../../jobs/verify/findings.ts';

interface VerifyFlags extends UnverifiedFlag {
  readonly all?: boolean;
  readonly sample?: string;
}

/** `flowkeep verify [SNAPSHOT|--all]`: re-reads what is stored. */
export async function run(invocation: Invocation<VerifyFlags>, snapshot?: string): Promise<ExitCode> {
  const { flags } = invocation;
  if (flags.all && snapshot !== undefined)
    throw new UsageError('SNAPSHOT and --all cannot be combined', 'Use one of them.');
  const share = parseSample(flags.sample);
  await using opened = await open(invocation);
  const { app, output, tools } = opened;
  const reports: VerifyReport[] = [];
  for (const instance of app.instances(flags.instance)) {
    const report = await verify({
      instance: instance.name,
      stores: await app.stores(instance, flags.store),
      selector: flags.all ? { all: true } : (snapshot ?? 'latest'),
      share,
      ...tools,
    });
    reports.push(report);
    print(output, report, share);
  }
  output.json({ instances: reports.map(toDocument) });
  return verifyOutcome({ stores: reports.flatMap(({ stores }) => stores) }, flags.allowUnverified).exitCode;
}

/** `10%` or `10` as 0.1; without it everything. */
export function parseSample(text: string | undefined): number {
  if (text === undefined) return 1;
  const percent = /^\d+(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (percent > 0 && percent <= 100) return percent / 100;
  throw new UsageError(
    `invalid --sample ${JSON.stringify(text)}: expected a percentage, for example 10%`,
    'Give a percentage above 0% and up to 100%.',
  );
}

function print(output: Output, report: VerifyReport, share: number): void {
  const { palette } = output;
  output.line(palette.bold(report.instance));
  for (const store of report.stores) {
    const where = `${store.store} (${store.location})`;
    if ('error' in store) {
      output.line(`  ${palette.red(store.status === 'empty' ? 'no snapshot' : 'not verified')}: ${where}`);
      for (const line of errorLines(store.error, palette)) output.line(`    ${line}`);
      continue;
    }
    output.line(`  ${verdict(store, palette)}: ${where}`);
    output.line(`    ${palette.dim(describeReading(store, share))}`);
    for (const line of describeUnread(store, palette)) output.line(`    ${line}`);
    for (const line of describeUnauthenticated(store, palette)) output.line(`    ${line}`);
    if (store.weakness !== undefined) output.line(`    ${palette.yellow('note:')} ${store.weakness}`);
    for (const damage of store.damage) for (const line of describeDamage(damage, palette)) output.line(`    ${line}`);
    for (const line of describeDangling(store.dangling, palette)) output.line(`    ${line}`);
    for (const warning of store.warnings) output.line(`    ${palette.yellow('warning:')} ${printable(warning)}`);
    if (store.status === 'damaged')
      output.line(
        `    ${palette.cyan('→')} Run \`flowkeep backup\`: what n8n still has is uploaded again. ` +
          'Restore the rest from another snapshot or store.',
      );
  }
  output.line(palette.dim(`in ${formatDuration(report.durationMs)}`));
}

function verdict(
  { status, damage, unread, unauthenticated, lacks }: VerifiedStore,
  palette: Output['palette'],
): string {
  if (status === 'damaged') return palette.red(`${formatCount(damage.length)} damaged`);
  if (status === 'unauthenticated') return palette.red(`${formatCount(unauthenticated.length)} not authenticated`);
  if (status === 'absent') return palette.yellow(`no such snapshot${lacksWords(lacks)}`);
  return palette.green(unread.length === 0 ? 'intact' : 'stored bytes intact');
}

/** Information: a store that was added later, or is pruned by a policy of its own, lawfully lacks older ones. */
function lacksWords(count: number): string {
  return count === 0 ? '' : `; it lacks ${formatCount(count)} that other stores hold`;
}

function describeReading(store: VerifiedStore, share: number): string {
  const { snapshots, filesRead, bytesRead, filesSkipped } = store;
  const which = snapshots.length === 1 ? `snapshot ${snapshots[0]}` : `${formatCount(snapshots.length)} snapshots`;
  const skipped = share < 1 ? `; ${formatCount(filesSkipped)} not in the sample` : '';
  return `${which}, ${formatCount(filesRead)} stored files read, ${formatBytes(bytesRead)}${skipped}`;
}

/** What was not checked, because it is encrypted. */
function describeUnread({ unread, snapshots }: VerifiedStore, palette: Output['palette']): string[] {
  if (unread.length === 0) return [];
  const which = snapshots.length === 1 ? 'it is' : `${formatCount(unread.length)} of them are`;
  const why = unread.every(({ reason }) => reason === 'identity-missing')
    ? 'no identity was given'
    : 'none of the given identities matches';
  return [
    `${palette.yellow('contents not read:')} ${which} encrypted, and ${why};`,
    '  the stored bytes and the index were checked',
    `${palette.cyan('→')} Verify with --identity FILE to check what is in it.`,
  ];
}

/** Snapshots that nothing proves, by the reason. */
function describeUnauthenticated({ unauthenticated }: VerifiedStore, palette: Output['palette']): string[] {
  if (unauthenticated.length === 0) return [];
  const byReason = Map.groupBy(unauthenticated, ({ reasons }) => reasons.join('; '));
  const lines = [...byReason].flatMap(([reason, snapshots]) => {
    const ids = snapshots.slice(0, SHOWN).map(({ snapshot }) => `  ${printable(snapshot)}`);
    return [`${palette.red('not authenticated')}: ${printable(reason)}`, ...ids, ...andMore(snapshots.length)];
  });
  return [
    ...lines,
    `${palette.cyan('→')} If it was you who changed the settings of \`encrypt\`, put those of before in encrypt.previous. ` +
      'Else somebody may have',
    '  written it: use another snapshot. --allow-unverified uses it all the same; the next backup does not build on it.',
  ];
}

/** How many lines a list of the same kind of thing gets; `--json` has them all. */
const SHOWN = 20;

function describeDamage({ problem, affects }: Damage, palette: Output['palette']): string[] {
  const lines = affects.slice(0, SHOWN).map(({ instance, snapshot, path, item }) => {
    const what = path === null ? '' : `  ${printable(`${instance}/${path}`)}`;
    return `  affects ${snapshot}${what}${item === null ? '' : `  ${printable(item)}`}`;
  });
  return [`${palette.red('damaged')} ${printable(problem)}`, ...lines, ...andMore(affects.length)];
}

function describeDangling(dangling: readonly DanglingReference[], palette: Output['palette']): string[] {
  if (dangling.length === 0) return [];
  const lines = dangling.slice(0, SHOWN).map(({ from, node, role, to }) => {
    const name = from.name === '' ? from.id : `${JSON.stringify(from.name)} (${from.id})`;
    const at = node === null ? '' : `, node ${JSON.stringify(node)}`;
    return `  ${printable(`${from.kind} ${name}${at}: ${role} ${to.kind} ${to.id}`)}`;
  });
  const count = `${formatCount(dangling.length)} references to items that are not in the snapshot`;
  return [`${palette.yellow('dangling')} ${count} (information, not damage):`, ...lines, ...andMore(dangling.length)];
}

function andMore(count: number): string[] {
  return count > SHOWN ? [`  and ${formatCount(count - SHOWN)} more (--json lists them all)`] : [];
}

function toDocument(report: VerifyReport): object {
  const stores = report.stores.map((store) =>
    'error' in store ? { ...store, error: errorDocument(store.error) } : store,
  );
  return { ...report, stores };
}
