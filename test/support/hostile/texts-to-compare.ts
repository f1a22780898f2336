/** Two versions of a text of so many lines. */
export type MakeTexts = (lines: number) => readonly [from: string, to: string];

/** Texts that a line diff may take long for: what is slow for one algorithm is quick for another. */
export const ADVERSARIAL_TEXTS: Readonly<Record<string, MakeTexts>> = {
  'equal lines, some of them gone': (lines) => [text(lines, () => LINE), text(lines - 10, () => LINE)],
  'lines that all differ': (lines) => [text(lines, (index) => `a${index}`), text(lines, (index) => `b${index}`)],
  'two lines in turn, one of them out of step': (lines) => [
    text(lines, (index) => `${LINE}${index % 2}`),
    text(lines, (index) => `${LINE}${(index + 1) % 2}`),
  ],
  'lines with a long common beginning': (lines) => [
    text(lines, (index) => `${LINE.repeat(10)}a${index}`),
    text(lines, (index) => `${LINE.repeat(10)}b${index}`),
  ],
  'lines in another order': (lines) => [
    text(lines, (index) => `line ${index}`),
    text(lines, (index) => `line ${scattered(index, lines)}`),
  ],
  'few different lines, many times, in another order': (lines) => [
    text(lines, (index) => `line ${index % 7}`),
    text(lines, (index) => `line ${scattered(index, lines) % 7}`),
  ],
  'lines in reverse': (lines) => [text(lines, (index) => `${index}`), text(lines, (index) => `${lines - index}`)],
};

const LINE = 'const value = items[0].json.field;';

function text(lines: number, line: (index: number) => string): string {
  return Array.from({ length: lines }, (_, index) => line(index)).join('\n');
}

/** A place for each index, far from that of the next one: 7919 is prime to the numbers of lines that are tried. */
function scattered(index: number, lines: number): number {
  return (index * 7919 + 13) % lines;
}
