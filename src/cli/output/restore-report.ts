import { formatCount, printable } from '../../lib/printable.ts';
import type { RestoreReport } from '../../jobs/restore/restore-job.ts';
import { sumWithheld, withheldWords } from '../../restore/plan/withheld.ts';
import { singular } from '../../kinds/kinds.ts';
import { table } from '../../lib/columns.ts';
import { formatDuration, type Output } from './output.ts';
import { unverifiedLines } from '../unverified.ts';
import { planLines } from './plan-lines.ts';
import { errorDocument, errorLines } from './report-error.ts';

/** The report of a restore for people: what came back, what did not and why, and what no backup holds. */
export function printReport(report: RestoreReport, output: Output): string[] {
  const { palette } = output;
  switch (report.status) {
    case 'planned':
      return [...planLines(report.plan, report.diff, output), palette.dim('dry run: nothing was changed')];
    case 'declined':
      return ['nothing was changed'];
    case 'conflict':
      return [
        ...planLines(report.plan, report.diff, output),
        `${palette.red('conflict')} items exist and differ; --on-conflict fail: nothing was changed`,
      ];
    case 'applied':
      return [...appliedLines(report, palette)];
  }
}

type Palette = Output['palette'];

/** Items that are named; the rest are counted. */
const WITHHELD_SHOWN = 5;
type ItemResult = RestoreReport['items'][number];

function* appliedLines(report: RestoreReport, palette: Palette): Generator<string> {
  const counts = countResults(report.items);
  yield* unverifiedLines(report.plan.unverified, palette);
  yield palette.bold(`Restored ${report.plan.snapshot.id} into ${report.plan.target.instance}`);
  yield* table(
    counts.map(({ result, words, count }) => [formatCount(count).padStart(7), colourOf(result, palette)(words)]),
  );
  yield* withheldLines(report.items, palette);
  yield* problemLines(report.items, palette);
  yield* noteLines(report.items, palette);
  if (report.newIds.length > 0) {
    yield `${formatCount(report.newIds.length)} items have new ids; references to them were rewritten:`;
    for (const { kind, from, to } of report.newIds)
      yield `  ${kind}  ${printable(from)} → ${printable(to ?? 'personal project')}`;
  }
  if (report.needSecret.length > 0) {
    yield palette.yellow(
      'These credentials were restored without their secrets; enter them in n8n, or use --credentials-file:',
    );
    yield* table(
      report.needSecret.map(({ id, name, type }) => [printable(name), type, id]),
      '  ',
    );
  }
  if (report.byHand.length > 0) {
    yield palette.yellow('The snapshot was saved without these; enter them in n8n:');
    for (const { kind, id, name, places } of report.byHand) {
      yield `  ${singular(kind)} ${printable(name)} (${printable(id)})`;
      yield* places.map((place) => `    ${printable(place)}`);
    }
  }
  if (report.safetySnapshot) yield `previous state saved as safety snapshot ${report.safetySnapshot.id}`;
  yield palette.dim(`not included in API backups: ${report.notHeld.join('; ')}`);
  if (report.stoppedBy !== undefined) {
    yield palette.red('restore stopped early; run it again to finish:');
    yield* errorLines(report.stoppedBy, palette);
  }
  yield palette.dim(`${formatCount(report.client.requests)} requests in ${formatDuration(report.durationMs)}`);
}

const RESULTS: readonly ItemResult['result'][] = ['restored', 'unchanged', 'deleted', 'skipped', 'differs', 'failed'];

/** How many items ended how, those apart of which something could not be compared. */
function countResults(items: readonly ItemResult[]): { result: ItemResult['result']; words: string; count: number }[] {
  return RESULTS.flatMap((result) => {
    const own = items.filter((item) => item.result === result);
    const isSure = ({ withheld }: ItemResult): boolean => withheld === undefined || !isGood(result);
    const sure = own.filter(isSure).length;
    return [
      { result, words: result, count: sure },
      { result, words: `${result} as far as can be told`, count: own.length - sure },
    ].filter(({ count }) => count > 0);
  });
}

function isGood(result: ItemResult['result']): boolean {
  return result === 'restored' || result === 'unchanged';
}

function colourOf(result: ItemResult['result'], palette: Palette): (text: string) => string {
  if (result === 'failed' || result === 'differs') return palette.red;
  return result === 'skipped' ? palette.yellow : palette.green;
}

/** What no restore can tell: whether what was withheld from the snapshot is as it was. */
function* withheldLines(items: readonly ItemResult[], palette: Palette): Generator<string> {
  const own = items.filter(({ withheld, result }) => withheld !== undefined && isGood(result));
  if (own.length === 0) return;
  const names = own.slice(0, WITHHELD_SHOWN).map(({ name }) => printable(name));
  const more = own.length > names.length ? ` and ${own.length - names.length} more` : '';
  yield palette.yellow(
    `${withheldWords(sumWithheld(own))} from the snapshot and could not be compared: the target keeps its own ` +
      `(${names.join(', ')}${more})`,
  );
}

/** What is not as in the snapshot, item by item, with n8n's own words. */
function* problemLines(items: readonly ItemResult[], palette: Palette): Generator<string> {
  for (const item of items) {
    if (item.result !== 'failed' && item.result !== 'differs' && item.result !== 'skipped') continue;
    const changes = item.changes.map((change) => change.field).join(', ');
    const why = item.reason ?? (changes === '' ? '' : `differs in ${changes}`);
    yield (
      `${colourOf(item.result, palette)(item.result)} ${item.kind} ${printable(item.name)} ` +
      `(${printable(item.id)}): ${printable(why)}`
    );
    if (item.remedy) yield `  ${palette.cyan('→')} ${printable(item.remedy)}`;
  }
}

function* noteLines(items: readonly ItemResult[], palette: Palette): Generator<string> {
  for (const item of items) {
    for (const note of item.notes) yield palette.dim(`note: ${item.kind} ${printable(item.name)}: ${printable(note)}`);
  }
}

/** The report as `--json` prints it. */
export function reportDocument(report: RestoreReport): object {
  const { plan, stoppedBy, diff, ...rest } = report;
  return {
    ...(plan.unverified ? { unverified: plan.unverified } : {}),
    ...(plan.otherServer ? { otherServer: plan.otherServer } : {}),
    ...rest,
    snapshot: plan.snapshot,
    target: plan.target,
    review: plan.review,
    ...(diff ? { diff } : {}),
    ...(stoppedBy === undefined ? {} : { stoppedBy: errorDocument(stoppedBy) }),
  };
}
