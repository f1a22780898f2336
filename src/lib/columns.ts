import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';
import type stringWidth from 'string-width';

/** Texts in columns of a terminal: how wide they are, cut or filled to a width, and as a table. */

/**
 * How many columns a terminal gives a text: two for wide East Asian characters and emoji, none for marks and colours.
 * Most texts are ASCII, so `string-width` is loaded with the first that is not: it takes as long as Node's own start.
 */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  return ASCII.test(plain) ? plain.length : measure(plain);
}

const ASCII = /^[\x20-\x7e]*$/;

let loaded: typeof stringWidth | undefined;

function measure(text: string): number {
  loaded ??= (createRequire(import.meta.url)('string-width') as { default: typeof stringWidth }).default;
  return loaded(text);
}

/** Cuts a text to a number of columns, between whole characters, with an ellipsis where something is missing. */
export function fit(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let result = '';
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += displayWidth(segment);
    if (width > columns - 1) break;
    result += segment;
  }
  return `${result}…`;
}

/** A text in exactly a number of columns: cut, or filled with spaces. */
export function padTo(text: string, columns: number): string {
  return fill(fit(text, columns), columns);
}

function fill(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** Rows as columns that line up, two spaces between them; the last column is not filled. Cells may have colours. */
export function table(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.slice(0, -1).forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, displayWidth(cell))));
  return rows.map((row) => {
    const cells = row.map((cell, at) => (at === row.length - 1 ? cell : fill(cell, widths[at]!)));
    return `${indent}${cells.join('  ')}`.trimEnd();
  });
}
