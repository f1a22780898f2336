// The README.md that a snapshot carries, written from its other files.

import { compareText } from '../../kinds/fields.ts';
import type { ReadmeEntry } from './entry.ts';
import { linkTarget, markdownText, mermaidText, oneLine } from './markdown.ts';

/** Rows of the table: web pages of repositories stop rendering at some hundred kilobytes. */
const MAX_ROWS = 1000;
/** Arrows of the drawing: Mermaid refuses more than 500. */
const MAX_CALLS = 200;

/** The page at the top of an instance's folder. The same workflows give the same bytes. */
export function writeReadme(instance: string, all: readonly ReadmeEntry[]): string {
  const entries = [...all].sort(
    (a, b) => compareText(a.name.toLowerCase(), b.name.toLowerCase()) || compareText(a.id, b.id),
  );
  return [
    `# ${markdownText(instance)}`,
    '',
    `${counts(entries)} Written by flowkeep with every snapshot: what is edited here is lost.`,
    '',
    ...table(entries),
    ...drawing(entries),
  ].join('\n');
}

function counts(entries: readonly ReadmeEntry[]): string {
  const count = (state: string): number => entries.filter((entry) => entry.state.startsWith(state)).length;
  const parts = [
    `${entries.length} ${entries.length === 1 ? 'workflow' : 'workflows'}`,
    `${count('published')} published`,
    `${count('archived')} archived`,
  ];
  return `${parts.join(', ')}.`;
}

function table(entries: readonly ReadmeEntry[]): string[] {
  if (entries.length === 0) return [];
  const rows = entries.slice(0, MAX_ROWS).map(row);
  const more = entries.length - rows.length;
  return [
    '| workflow | state | tags | nodes | last edit |',
    '|---|---|---|---:|---|',
    ...rows,
    '',
    ...(more > 0 ? [`And ${more} more, in \`workflows/\`.`, ''] : []),
  ];
}

function row(entry: ReadmeEntry): string {
  const name = markdownText(entry.name) || 'unnamed';
  const cells = [
    `[${name}](${linkTarget(entry.path)})`,
    entry.state,
    entry.tags.map(markdownText).join(', '),
    String(entry.nodes),
    // The day alone: a page that changed with every edit would double each commit.
    /^\d{4}-\d\d-\d\d/.exec(entry.lastEdit)?.[0] ?? '',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Which workflow calls which, as a Mermaid flowchart; nothing where none does. */
function drawing(entries: readonly ReadmeEntry[]): string[] {
  const numbers = new Map(entries.map((entry, index) => [entry.id, index]));
  const calls = entries.flatMap((entry, from) =>
    entry.calls.flatMap((id) => {
      const to = numbers.get(id);
      return to === undefined ? [] : [{ from, to }];
    }),
  );
  if (calls.length === 0) return [];
  const shown = calls.slice(0, MAX_CALLS);
  const drawn = [...new Set(shown.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  return [
    '## Calls between workflows',
    '',
    '```mermaid',
    'flowchart LR',
    ...drawn.map((index) => `  w${index}["${mermaidText(oneLine(entries[index]!.name) || 'unnamed')}"]`),
    ...shown.map(({ from, to }) => `  w${from} --> w${to}`),
    '```',
    '',
    ...(calls.length > shown.length ? [`And ${calls.length - shown.length} more calls.`, ''] : []),
  ];
}
