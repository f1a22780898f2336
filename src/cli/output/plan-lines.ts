import { allItems, withheldTexts } from '../../diff/totals.ts';
import type { PlanDiff } from '../../jobs/restore/plan-diff.ts';
import { singular } from '../../kinds/kinds.ts';
import { printable } from '../../lib/printable.ts';
import { printPlan } from '../../restore/plan/output/print-plan.ts';
import type { Plan } from '../../restore/plan/types.ts';
import { diffLines } from './diff-report.ts';
import type { Output } from './output.ts';

/** Items under other ids that are named; the others are counted. */
const NAMED = 5;

/** A plan for people, and with `--diff` what differs in each item that it writes. */
export function planLines(plan: Plan, diff: PlanDiff | null, { palette, columns }: Output): string[] {
  const lines = [printPlan(plan, palette, columns)];
  if (diff === null) return lines;
  return [
    ...lines,
    palette.bold(`What differs: ${printable(plan.target.instance)} now → ${diff.to.id}`),
    // Of what could not be compared, nobody can say that it does not differ.
    ...(isAllElsewhere(diff) ? [] : diffLines(diff, { palette, columns, details: true })),
    ...otherIds(diff),
    '',
  ];
}

/** Whether what is compared says nothing, and other items are not compared. */
function isAllElsewhere(diff: PlanDiff): boolean {
  return diff.otherIds.length > 0 && allItems(diff).length === 0 && withheldTexts(diff) === 0;
}

function otherIds({ otherIds: items }: PlanDiff): string[] {
  if (items.length === 0) return [];
  const named = items.slice(0, NAMED).map(({ kind, name }) => `${singular(kind)} ${printable(name)}`);
  const more = items.length > NAMED ? `, and ${items.length - NAMED} more` : '';
  return ['', `not compared, because they have other ids on the target: ${named.join(', ')}${more}`];
}
