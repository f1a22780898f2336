import { printable } from '../../lib/printable.ts';
import { excerpts } from '../../diff/text/excerpt.ts';
import { allItems, countTexts, totalsOf, withheldTexts } from '../../diff/totals.ts';
import type {
  Change,
  FieldChange,
  ItemDiff,
  KindDiff,
  NodeChange,
  NodeDiff,
  RowsDiff,
  SnapshotDiff,
  TextLine,
  ValueChange,
  VersionDiff,
} from '../../diff/types.ts';
import {
  COARSE_WORDS,
  count,
  fieldPhrase,
  itemWords,
  moreWiresWords,
  nodeChangeWords,
  textsWithheld,
  valueWords,
  wireWords,
} from '../../diff/words.ts';
import { plural } from '../../kinds/kinds.ts';
import type { Output } from './output.ts';

type Palette = Output['palette'];

/** Changed rows that are shown one by one. */
const ROWS_SHOWN = 10;

/** A diff for people: the summary, and with `details` each item with its nodes and values. */
export function diffLines(
  diff: SnapshotDiff,
  options: { readonly palette: Palette; readonly columns: number; readonly details: boolean },
): string[] {
  const printer = new DiffPrinter(options.palette, options.columns);
  const lines = summary(diff, options.palette);
  for (const kind of diff.kinds) {
    if (kind.items.length === 0) continue;
    lines.push('', options.palette.bold(plural(kind.kind)));
    for (const item of kind.items) lines.push(...printer.item(item, options.details));
  }
  return lines;
}

function summary(diff: SnapshotDiff, palette: Palette): string[] {
  const rows = diff.kinds.flatMap((kind) => kindSummary(kind, palette));
  if (allItems(diff).length > 0) return rows;
  const isWhole = withheldTexts(diff) === 0;
  return [`  ${isWhole ? palette.green('no difference') : palette.yellow(NONE_KNOWN)}`, ...rows];
}

const NONE_KNOWN = 'no difference in what could be compared';

function kindSummary(kind: KindDiff, palette: Palette): string[] {
  const name = plural(kind.kind).padEnd(18);
  const lines = kind.compared ? [] : [`  ${name} ${palette.yellow('not compared')}`];
  const totals = totalsOf(kind.items);
  const parts = [
    totals.added > 0 ? palette.green(`${totals.added} added`) : '',
    totals.changed > 0 ? palette.yellow(`${totals.changed} changed`) : '',
    totals.removed > 0 ? palette.red(`${totals.removed} removed`) : '',
    totals.layout > 0 ? palette.dim(`${totals.layout} layout only`) : '',
    kind.withheld ? palette.yellow(textsWithheld(countTexts(kind.withheld))) : '',
  ].filter((part) => part !== '');
  if (parts.length > 0) lines.push(`  ${name} ${parts.join(', ')}`);
  return [...lines, ...kind.notes.map((note) => `  ${' '.repeat(18)} ${palette.dim(printable(note))}`)];
}

const SIGN: Readonly<Record<Change, string>> = { added: '+', removed: '-', changed: '~' };

class DiffPrinter {
  readonly #palette: Palette;
  readonly #columns: number;

  constructor(palette: Palette, columns: number) {
    this.#palette = palette;
    this.#columns = columns;
  }

  item(item: ItemDiff, details: boolean): string[] {
    const { palette, words } = { palette: this.#palette, words: itemWords(item) };
    const head = `  ${this.#sign(item.change, printable(item.name))} ${palette.dim(`(${printable(item.id)})`)}`;
    if (!details || item.change !== 'changed') return [words === '' ? head : `${head}  ${printable(words)}`];
    return [
      head,
      ...item.fields.flatMap((field) => this.#field(field, '      ')),
      ...(item.draft ? this.#version(item.draft, '      ') : []),
      ...(item.live ? [`      ${palette.bold('live version')}`, ...this.#version(item.live, '        ')] : []),
      ...(item.rows ? this.#rows(item.rows, '      ') : []),
    ];
  }

  #sign(change: Change, text: string): string {
    const colour = { added: 'green', removed: 'red', changed: 'yellow' } as const;
    return this.#palette[colour[change]](`${SIGN[change]} ${text}`);
  }

  #field(field: FieldChange, indent: string): string[] {
    const { field: path, ...change } = field;
    if (['live version', 'archived', 'tag'].includes(path)) return [`${indent}${printable(fieldPhrase(field))}`];
    return this.#value({ path, ...change }, indent);
  }

  #version(version: VersionDiff, indent: string): string[] {
    return [
      ...version.nodes.flatMap((node) => this.#node(node, indent)),
      ...version.wires.map((wire) => `${indent}${this.#sign(wire.change, `wire ${printable(wireWords(wire))}`)}`),
      ...moreWiresWords(version).map((words) => `${indent}${this.#palette.dim(words)}`),
      ...version.reordered.map((name) => `${indent}order of the wires from ${printable(name)} changed`),
    ];
  }

  #node(node: NodeDiff, indent: string): string[] {
    const type = this.#palette.dim(printable(node.type));
    return [
      `${indent}${this.#sign(node.change, printable(node.name))} ${type}`,
      ...node.changes.flatMap((change) => this.#nodeChange(change, `${indent}    `)),
    ];
  }

  #nodeChange(change: NodeChange, indent: string): string[] {
    switch (change.what) {
      case 'parameter':
      case 'setting':
        return this.#value(change, indent);
      case 'credential':
        return this.#value({ ...change, path: nodeChangeWords(change) }, indent);
      case 'moved':
        return [`${indent}${this.#palette.dim(`moved from ${change.from.join(', ')} to ${change.to.join(', ')}`)}`];
      case 'resized':
        return [`${indent}${this.#palette.dim(`resized from ${change.from} to ${change.to}`)}`];
      case 'type':
        return this.#value({ path: 'type', from: change.from, to: change.to }, indent);
      case 'renamed':
      case 'version':
      case 'enabled':
      case 'disabled':
        return [`${indent}${printable(nodeChangeWords(change))}`];
    }
  }

  #value(change: ValueChange, indent: string): string[] {
    const { path, from, to, lines, coarse } = change;
    if (coarse) return [`${indent}${printable(path)}: changed, ${this.#palette.yellow(COARSE_WORDS)}`];
    if (lines) return [`${indent}${printable(path)}`, ...this.#textLines(lines, `${indent}  `)];
    const room = Math.max(30, this.#columns - indent.length - 2);
    const before = from === undefined ? null : valueWords(from);
    const after = to === undefined ? null : valueWords(to);
    const [a, b] = excerpts(before ?? '', after ?? '', room);
    const red = before === null ? null : this.#palette.red(printable(a));
    const green = after === null ? null : this.#palette.green(printable(b));
    if (red === null) return [`${indent}${printable(path)}: ${this.#palette.dim('added')} ${green}`];
    if (green === null) return [`${indent}${printable(path)}: ${this.#palette.dim('removed')} ${red}`];
    if (path.length + a.length + b.length + 5 <= room) return [`${indent}${printable(path)}: ${red} → ${green}`];
    return [`${indent}${printable(path)}:`, `${indent}  ${red}`, `${indent}  ${green}`];
  }

  #textLines(lines: readonly TextLine[], indent: string): string[] {
    return lines.map((line) => {
      switch (line.op) {
        case 'skipped':
          return `${indent}${this.#palette.dim(`… ${count(line.count, 'equal line')}`)}`;
        case 'same':
          return `${indent}  ${printable(line.text)}`;
        case 'added':
          return `${indent}${this.#palette.green(`+ ${printable(line.text)}`)}`;
        case 'removed':
          return `${indent}${this.#palette.red(`- ${printable(line.text)}`)}`;
      }
    });
  }

  #rows(rows: RowsDiff, indent: string): string[] {
    const shown = rows.listed.slice(0, ROWS_SHOWN);
    const total = rows.added + rows.removed + rows.changed;
    return [
      `${indent}rows: ${rows.added} added, ${rows.changed} changed, ${rows.removed} removed`,
      ...shown.flatMap((row) => [
        `${indent}  ${this.#sign(row.change, `row ${printable(row.id)}`)}`,
        ...(row.change === 'changed' ? row.columns.flatMap((column) => this.#value(column, `${indent}      `)) : []),
      ]),
      ...(total > shown.length ? [`${indent}  ${this.#palette.dim(`and ${total - shown.length} more rows`)}`] : []),
    ];
  }
}
