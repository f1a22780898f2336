import { format, resolveConfig } from 'prettier';
import type { Comparison, Result, Times } from './result.ts';
import { summarise } from './statistics.ts';

/** The measured part of the page, as Markdown. */
export function reportOf(facts: readonly (readonly [string, string])[], results: readonly Result[]): string {
  return [
    '### Where and when',
    table(['', ''], facts),
    '### Targets',
    targets(results),
    ...results.flatMap((result) => section(result)),
  ].join('\n\n');
}

const BEGIN = '<!-- measured: written by npm run bench -->';
const END = '<!-- /measured -->';

/** Puts the measured part in its place on the page; the prose around it is written by hand and stays. */
export async function intoPage(page: string, measured: string, path: string): Promise<string> {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} does not have ${BEGIN} and ${END}`);
  const whole = `${before}${BEGIN}\n\n${measured}\n\n${END}${after}`;
  return format(whole, { ...(await resolveConfig(path)), parser: 'markdown' });
}

function section({ title, about, times, comparisons, notes }: Result): string[] {
  return [
    `### ${title}`,
    about,
    table(
      ['Seconds', 'median', 'middle half', 'runs'],
      times.map(({ name, seconds }) => [name, ...timeCells({ name, seconds }), String(seconds.length)]),
    ),
    table(
      ['Ratio', 'median', 'middle half', 'target', ''],
      comparisons.map((comparison) => [comparison.name, ...comparisonCells(comparison)]),
    ),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
  ];
}

function targets(results: readonly Result[]): string {
  const rows = results.flatMap(({ title, comparisons }) =>
    comparisons
      .filter(({ limit }) => limit !== undefined)
      .map((comparison) => [title, comparison.name, ...comparisonCells(comparison)]),
  );
  const met = rows.filter((row) => row.at(-1) === 'met').length;
  const head = ['', 'What', 'median', 'middle half', 'target', ''];
  return `${met} of ${rows.length} are met.\n\n${table(head, rows)}`;
}

function timeCells({ seconds }: Times): string[] {
  const { median, lowerQuartile, upperQuartile } = summarise(seconds);
  return [median.toFixed(3), `${lowerQuartile.toFixed(3)} to ${upperQuartile.toFixed(3)}`];
}

function comparisonCells({ values, limit, unit }: Comparison): string[] {
  const { median, lowerQuartile, upperQuartile } = summarise(values);
  const text = (value: number): string =>
    unit === undefined ? value.toFixed(2) : `${unit === 'MB' ? value.toFixed(0) : value} ${unit}`;
  const spread = `${text(lowerQuartile)} to ${text(upperQuartile)}`;
  if (limit === undefined) return [text(median), spread, '', ''];
  return [text(median), spread, `at most ${text(limit)}`, isMet(values, limit) ? 'met' : '**missed**'];
}

/** Whether the median, as it is printed, is within the limit. */
function isMet(values: readonly number[], limit: number): boolean {
  return Number(summarise(values).median.toFixed(2)) <= limit;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
