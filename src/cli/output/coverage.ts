import { KINDS, plural } from '../../kinds/kinds.ts';
import { formatCount, printable } from '../../lib/printable.ts';
import { omittedWords, type KindHeader, type SnapshotHeader } from '../../snapshot/format/header.ts';
import { table } from '../../lib/columns.ts';
import type { Output } from './output.ts';

/** One line for each kind: how many items, how completely, and in n8n's own words why not. */
export function describeCoverage(header: SnapshotHeader, palette: Output['palette']): string[] {
  const rows = KINDS.flatMap((kind) => {
    const entry = header.kinds[kind];
    if (!entry) return [];
    const count = entry.coverage === 'complete' || entry.items > 0 ? formatCount(entry.items) : '-';
    return [[plural(kind), count.padStart(7), describeKind(entry, palette)]];
  });
  return table(rows, '  ');
}

function describeKind(entry: KindHeader, palette: Output['palette']): string {
  const rows = entry.rows === undefined ? '' : `, ${formatCount(entry.rows)} rows`;
  const omitted = omittedWords(entry);
  const all = [...(entry.notes ?? []), ...(omitted === null ? [] : [`saved without ${omitted}`])];
  const notes = all.map((note) => `; ${printable(note)}`).join('');
  if (entry.coverage === 'complete') return `${palette.green('complete')}${rows}${notes}`;
  const colour = entry.coverage === 'failed' ? palette.red : palette.yellow;
  const carried = entry.carriedFrom === undefined ? '' : ` (carried over from ${entry.carriedFrom}${rows})`;
  return (
    `${colour(entry.coverage)}${carried}: ` +
    `${printable(entry.reason?.message ?? '')}${omitted === null ? '' : notes}`
  );
}
