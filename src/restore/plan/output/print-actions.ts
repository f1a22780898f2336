import { KIND, singular, type Kind } from '../../../kinds/kinds.ts';
import { displayWidth, fit, padTo } from '../../../lib/columns.ts';
import { inOneLine } from '../../../lib/printable.ts';
import { isPublishing, isWorkflowAction } from '../publish-plan.ts';
import type { Action, Note, Verb } from '../types.ts';
import { wrap } from './wrap.ts';

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

/** What a verb looks like. */
export const LOOKS = {
  create: { mark: '+', colour: 'green' },
  update: { mark: '~', colour: 'yellow' },
  delete: { mark: '-', colour: 'red' },
  blocked: { mark: '!', colour: 'red' },
  skip: { mark: '=', colour: 'dim' },
  unchanged: { mark: ' ', colour: 'dim' },
} as const satisfies Readonly<Record<Verb, { mark: string; colour: keyof Palette }>>;

/** Notes and names below one action; more are counted. */
const NOTES_SHOWN = 5;

/** The widest that each column gets; n8n's ids have 16 characters, older ones fewer, some 36. */
const KIND_COLUMNS = 10;
const ID_COLUMNS = 21;
/** The least for the reason: `create: missing on the target`. */
const REASON_COLUMNS = 30;
/** The mark with its space, and two spaces before each of the three columns that follow the kind. */
const GAPS = 8;

interface Widths {
  /** The whole line. */
  readonly line: number;
  readonly kind: number;
  readonly name: number;
  readonly id: number;
  readonly what: number;
}

/** One row for each action, with what there is to say of it below. */
export function printTable(actions: readonly Action[], palette: Palette, width: number): string[] {
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
  const { mark, colour } = LOOKS[action.verb];
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
      return `create${isPublishing(action) ? ' and publish' : ''}${needed === '' ? '' : `, ${needed}`}: ${why}`;
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
  if (isWorkflowAction(action)) {
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

/** Whether a person has to do something. */
export function isByHand({ code }: Note): boolean {
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
