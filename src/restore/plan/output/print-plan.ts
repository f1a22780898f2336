// A plan as a table for people, and as a file for `--plan`.

import type { Kind } from '../../../kinds/kinds.ts';
import { counted, RESTORE_ORDER } from '../../../kinds/kinds.ts';
import { inOneLine } from '../../../lib/printable.ts';
import { displayWidth, fit } from '../../../lib/columns.ts';
import { writesAnything } from '../plan.ts';
import { isWorkflowAction } from '../publish-plan.ts';
import type { Action, Plan } from '../types.ts';
import { isByHand, LOOKS, PLAIN, printTable, type Palette } from './print-actions.ts';
import { printReview } from './print-review.ts';
import { wrap } from './wrap.ts';
import { samenessOf, sumWithheld, withheldWords, type Sameness } from '../withheld.ts';

/** Columns of the widest table that still reads well, and of the narrowest that shows anything. */
const MAX_COLUMNS = 120;
const MIN_COLUMNS = 80;

/** How the summary counts the actions, in its order; unchanged ones come last, by how sure that is. */
const SUMMARY = [
  ['create', 'to create'],
  ['update', 'to update'],
  ['delete', 'to delete'],
  ['blocked', 'blocked'],
  ['skip', 'left as is'],
] as const;

/**
 * The plan as a table that a person reads in one glance: what happens to which item, and why; unchanged items are
 * counted. Lines fit `columns` (80 to 120) and hold no control characters, whatever the names hold.
 */
export function printPlan(plan: Plan, palette: Palette = PLAIN, columns = 100): string {
  const width = Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, columns));
  const shown = plan.actions.filter((action) => action.verb !== 'unchanged' || action.notes.some(isByHand));
  const table = shown.length === 0 ? [] : ['', ...printTable(shown, palette, width)];
  return [
    ...printUnverified(plan, palette, width),
    ...printOtherServer(plan, palette, width),
    ...printTitle(plan, palette, width),
    ...table,
    ...printUnchanged(plan, palette, width),
    ...printReview(plan.review, width).map(palette.yellow),
    '',
    printSummary(plan, palette),
    ...printWarnings(plan, palette, width),
    '',
  ].join('\n');
}

/** Above all else: who reads on must know it. */
function printUnverified({ unverified = [] }: Plan, palette: Palette, width: number): string[] {
  return unverified.flatMap((reason) => wrap(`WARNING: ${inOneLine(reason)}`, width).map((line) => palette.red(line)));
}

function printOtherServer({ otherServer, snapshot, target }: Plan, palette: Palette, width: number): string[] {
  if (otherServer === undefined) return [];
  const items = { moved: 'it has some of its items', foreign: 'they have nothing in common' }[otherServer];
  const text = `WARNING: ${target.url} is not the server that snapshot ${snapshot.id} is of; ${items}`;
  return wrap(inOneLine(text), width).map((line) => palette.red(line));
}

function printTitle({ snapshot, target }: Plan, palette: Palette, width: number): string[] {
  const from = inOneLine(`Restore snapshot ${snapshot.id} of ${snapshot.instance}`);
  const version = target.n8nVersion === null ? '' : `, n8n ${target.n8nVersion}`;
  const into = inOneLine(`into ${target.instance} (${target.url}${version})`);
  const line = `${from} ${into}`;
  return displayWidth(line) <= width
    ? [palette.bold(line)]
    : [palette.bold(fit(from, width)), palette.bold(fit(`  ${into}`, width))];
}

function printUnchanged(plan: Plan, palette: Palette, width: number): string[] {
  const lines = (['unchanged', 'as far as can be told'] as const).flatMap((sameness) => {
    const own = plan.actions.filter((action) => samenessOf(action) === sameness);
    if (own.length === 0) return [];
    const counts = RESTORE_ORDER.flatMap((kind: Kind) => {
      const count = own.filter((action) => action.kind === kind).length;
      return count === 0 ? [] : [counted(kind, count)];
    });
    const words = counts.join(', ');
    return sameness === 'unchanged'
      ? [`unchanged: ${words}`]
      : [`unchanged as far as can be told: ${words} (${withheldWords(sumWithheld(own))} from the snapshot)`];
  });
  return lines.length === 0 ? [] : ['', ...lines.flatMap((line) => wrap(line, width)).map(palette.dim)];
}

/** `2 to create, 1 blocked.`, or that there is nothing to do. */
function printSummary(plan: Plan, palette: Palette): string {
  const counts = SUMMARY.flatMap(([verb, words]) => {
    const own = plan.actions.filter((action) => action.verb === verb);
    return own.length === 0 ? [] : [palette[LOOKS[verb].colour](`${own.length} ${words}`)];
  });
  counts.push(...countUnchanged(plan.actions, palette));
  const held = plan.actions.filter(isHeldBack).length;
  if (held > 0) counts.push(palette.red(`${held} not published`));
  const lead = writesAnything(plan) ? 'Plan:' : 'Nothing to do:';
  return `${palette.bold(lead)} ${counts.length === 0 ? 'nothing in the snapshot' : counts.join(', ')}.`;
}

/** Never more sure than it is: what was withheld from the snapshot could not be compared. */
function countUnchanged(actions: readonly Action[], palette: Palette): string[] {
  const count = (sameness: Sameness): number => actions.filter((action) => samenessOf(action) === sameness).length;
  const [same, likely, other] = [count('unchanged'), count('as far as can be told'), count('not restored')];
  return [
    ...(same > 0 ? [palette.dim(`${same} unchanged`)] : []),
    ...(likely > 0 ? [palette.yellow(`${likely} unchanged as far as can be told`)] : []),
    ...(other > 0 ? [palette.red(`${other} not as in the snapshot`)] : []),
  ];
}

/** Restored, but not made live although the snapshot's is. */
function isHeldBack(action: Action): boolean {
  return isWorkflowAction(action) && action.work.live.do === 'blocked';
}

function printWarnings(plan: Plan, palette: Palette, width: number): string[] {
  return plan.warnings.flatMap((warning) =>
    wrap(`Note: ${inOneLine(warning)}`, width).map((line) => palette.yellow(line)),
  );
}
