// A plan as a table for people, and as a file for `--plan`.

import type { Kind } from '../../../kinds/kinds.ts';
import { counted, KIND, RESTORE_ORDER, singular } from '../../../kinds/kinds.ts';
import { inOneLine } from '../../../lib/one-line.ts';
import { displayWidth, fit, padTo } from '../../../lib/columns.ts';
import { printReview } from './print-review.ts';
import { wrap } from './wrap.ts';
import type { Action, Note, Plan, Verb, WriteAction } from '../types.ts';
import { samenessOf, sumWithheld, withheldWords, type Sameness } from '../withheld.ts';

/** How to colour a text; the identity function where there are no colours. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
}

const plain = (text: string): string => text;
/** No colours: for files and pipes. */
export const PLAIN: Palette = { bold: plain, dim: plain, green: plain, yellow: plain, red: plain };

/** Columns of the widest table that still reads well, and of the narrowest that shows anything. */
const MAX_COLUMNS = 120;
const MIN_COLUMNS = 80;
/** Notes and names below one action; more are counted. */
const NOTES_SHOWN = 5;

/** What a verb looks like, in the order in which the summary counts. */
const VERBS = [
  { verb: 'create', mark: '+', summary: 'to create', colour: 'green' },
  { verb: 'update', mark: '~', summary: 'to update', colour: 'yellow' },
  { verb: 'delete', mark: '-', summary: 'to delete', colour: 'red' },
  { verb: 'blocked', mark: '!', summary: 'blocked', colour: 'red' },
  { verb: 'skip', mark: '=', summary: 'left as is', colour: 'dim' },
  { verb: 'unchanged', mark: ' ', summary: 'unchanged', colour: 'dim' },
] as const satisfies readonly { verb: Verb; mark: string; summary: string; colour: keyof Palette }[];

/** The widest that each column gets; n8n's ids have 16 characters, older ones fewer, some 36. */
const KIND_COLUMNS = 10;
const ID_COLUMNS = 21;
/** The least for the reason: `create: missing on the target`. */
const REASON_COLUMNS = 30;
/** The mark with its space, and two spaces before each of the three columns that follow the kind. */
const GAPS = 8;

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

function printTitle({ snapshot, target }: Plan, palette: Palette, width: number): string[] {
  const from = inOneLine(`Restore snapshot ${snapshot.id} of ${snapshot.instance}`);
  const version = target.n8nVersion === null ? '' : `, n8n ${target.n8nVersion}`;
  const into = inOneLine(`into ${target.instance} (${target.url}${version})`);
  const line = `${from} ${into}`;
  return displayWidth(line) <= width
    ? [palette.bold(line)]
    : [palette.bold(fit(from, width)), palette.bold(fit(`  ${into}`, width))];
}

interface Widths {
  /** The whole line. */
  readonly line: number;
  readonly kind: number;
  readonly name: number;
  readonly id: number;
  readonly what: number;
}

function printTable(actions: readonly Action[], palette: Palette, width: number): string[] {
  const widths = chooseWidths(actions, width);
  const header = row(widths, '', 'KIND', 'NAME', 'ID', 'WHAT AND WHY');
  return [palette.dim(header), ...grouped(actions).flatMap((action) => printAction(action, widths, palette))];
}

/** By what happens, and within that in the order of the plan. What needs attention comes last, next to the summary. */
function grouped(actions: readonly Action[]): Action[] {
  const order: readonly Verb[] = ['unchanged', 'skip', 'create', 'update', 'delete', 'blocked'];
  return order.flatMap((verb) => actions.filter((action) => action.verb === verb));
}

/** The reason gets what the others leave, and never less than most reasons need. */
function chooseWidths(actions: readonly Action[], line: number): Widths {
  const longest = (texts: readonly string[], most: number): number =>
    Math.min(
      most,
      texts.reduce((widest, text) => Math.max(widest, displayWidth(text)), 4),
    );
  const kind = longest(
    actions.map((action) => kindLabel(action.kind)),
    KIND_COLUMNS,
  );
  const id = longest(actions.map(shownId), ID_COLUMNS);
  const left = line - kind - id - GAPS;
  const name = longest(
    actions.map((action) => inOneLine(action.name)),
    left - Math.max(REASON_COLUMNS, Math.floor(line / 3)),
  );
  return { line, kind, name, id, what: left - name };
}

function row(widths: Widths, mark: string, kind: string, name: string, id: string, what: string): string {
  return [
    `${padTo(mark, 1)} ${padTo(kind, widths.kind)}`,
    padTo(name, widths.name),
    padTo(id, widths.id),
    fit(what, widths.what),
  ]
    .join('  ')
    .trimEnd();
}

function printAction(action: Action, widths: Widths, palette: Palette): string[] {
  const { mark, colour } = VERBS.find(({ verb }) => verb === action.verb)!;
  const [first = '', ...rest] = wrap(describe(action), widths.what);
  const lines = [
    row(widths, mark, kindLabel(action.kind), inOneLine(action.name), shownId(action), first),
    ...rest.map((line) => row(widths, '', '', '', '', line)),
    ...details(action).flatMap((detail) => wrapDetail(detail, widths.line)),
  ];
  return lines.map((line, index) => (index === 0 ? palette[colour](line) : palette.dim(line)));
}

/** Short: most of the table's width belongs to names and reasons. */
function kindLabel(kind: Kind): string {
  return KIND[kind].short ?? singular(kind);
}

/** What happens and why, in one phrase. */
function describe(action: Action): string {
  const why = inOneLine(action.why);
  const needed = neededBy(action);
  switch (action.verb) {
    case 'create':
      return `create${publishes(action) ? ' and publish' : ''}${needed === '' ? '' : `, ${needed}`}: ${why}`;
    case 'update':
      return `update: ${why}`;
    case 'delete':
      return `delete: ${why}`;
    case 'blocked':
      return `blocked${needed === '' ? '' : ` (${needed})`}: ${why}`;
    case 'skip':
    case 'unchanged':
      return `left${needed === '' ? '' : ` (${needed})`}: ${why}`;
  }
}

function publishes({ work }: WriteAction): boolean {
  return work.kind === 'workflows' && work.live.do === 'publish';
}

function neededBy({ neededBy: names }: Action): string {
  const [first, ...others] = names;
  if (first === undefined) return '';
  return `needed by ${inOneLine(first)}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

/** Lines below an action: its new identity where that is not the old one, what is the matter, and what to do. */
function details(action: Action): string[] {
  const lines: string[] = [];
  if (action.verb === 'create' && action.identity.as === 'new-id' && action.kind !== 'variables')
    lines.push(`gets a new id: ${action.identity.why}`);
  if (action.verb === 'update' && action.targetId !== action.sourceId)
    lines.push(`${action.targetId} on the target (${action.matchedBy})`);
  if ((action.verb === 'create' || action.verb === 'update') && action.work.kind === 'workflows') {
    const { live } = action.work;
    if (live.do === 'blocked') lines.push(`not published: ${live.reason}`, live.remedy);
  }
  if (action.verb === 'blocked' && action.remedy !== null) lines.push(action.remedy);
  // What a person has to do is listed in full.
  const [byHand, others] = [action.notes.filter(isByHand), action.notes.filter((note) => !isByHand(note))];
  lines.push(...byHand.map((note) => note.message));
  lines.push(...others.slice(0, NOTES_SHOWN).map((note) => note.message));
  if (others.length > NOTES_SHOWN) lines.push(`and ${others.length - NOTES_SHOWN} more like these`);
  return lines.map(inOneLine);
}

function isByHand({ code }: Note): boolean {
  return code === 'by-hand';
}

function shownId(action: Action): string {
  if (!KIND[action.kind].showsId) return '';
  return inOneLine(action.verb === 'delete' ? action.targetId : action.sourceId);
}

/** Across the whole line, below the name that it concerns. */
function wrapDetail(text: string, columns: number): string[] {
  return wrap(text, columns - 6).map((line, index) => `    ${index === 0 ? '·' : ' '} ${line}`);
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
  const counts = VERBS.flatMap(({ verb, summary, colour }) => {
    const own = plan.actions.filter((action) => action.verb === verb);
    if (verb === 'unchanged') return countUnchanged(own, palette);
    return own.length === 0 ? [] : [palette[colour](`${own.length} ${summary}`)];
  });
  const held = plan.actions.filter(isHeldBack).length;
  if (held > 0) counts.push(palette.red(`${held} not published`));
  const works = plan.actions.some((action) => ['create', 'update', 'delete'].includes(action.verb));
  const lead = works ? 'Plan:' : 'Nothing to do:';
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
  if (action.verb !== 'create' && action.verb !== 'update') return false;
  return action.work.kind === 'workflows' && action.work.live.do === 'blocked';
}

function printWarnings(plan: Plan, palette: Palette, width: number): string[] {
  return plan.warnings.flatMap((warning) =>
    wrap(`Note: ${inOneLine(warning)}`, width).map((line) => palette.yellow(line)),
  );
}
