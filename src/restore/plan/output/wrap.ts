import { displayWidth, fit } from '../../../lib/columns.ts';

/** Breaks at spaces; a word that is longer than a line is cut. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = fit(word, columns);
  }
  return line === '' ? lines : [...lines, line];
}
