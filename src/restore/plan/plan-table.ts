import { diffText } from './compare/diff.ts';
import { isElsewhere, placeOf, type PlanContext, type Planned } from './context.ts';
import type { TableItem } from '../model/model.ts';
import type { Change, Note } from './types.ts';
import type { RowsWork, TableColumn } from './work.ts';

/** Plans a data table: name, columns that are missing, and rows. */
export function planTable(context: PlanContext, id: string, targetId: string | null): Planned {
  const wanted = context.source['data-tables'].get(id)!;
  const there = targetId === null ? undefined : context.live['data-tables'].get(targetId);
  const { projectId, notes, dependsOn } = placeOf(context, wanted.projectId, null);
  const rows = planRows(context, wanted);
  const work = { kind: 'data-tables', projectId, rows } as const;
  if (!there) return { changes: [], notes, dependsOn, work: { ...work, addColumns: wanted.columns.map(toColumn) } };
  const columns = diffColumns(wanted, there);
  const changes: Change[] = diffText('name', there.name, wanted.name);
  if (columns.missing.length > 0)
    changes.push({ field: 'columns', to: `+ ${columns.missing.map((column) => column.name).join(', ')}` });
  if (rows.do !== 'keep') changes.push({ field: 'rows', ...describeRows(context, id, rows) });
  const planned: Planned = {
    changes,
    notes: [...columns.notes, ...movedNote(context, wanted, there)],
    dependsOn: [],
    work: { ...work, addColumns: columns.missing },
  };
  return columns.conflict === null || rows.do === 'keep' ? planned : { ...planned, blocked: columns.conflict };
}

function planRows(context: PlanContext, wanted: TableItem): RowsWork {
  const facts = context.rows.get(wanted.id);
  if (!facts || facts.equal) return { do: 'keep' };
  if (context.options.rows === 'append')
    return facts.missing === 0 ? { do: 'keep' } : { do: 'append', rows: facts.missing };
  return { do: 'replace', deleteUpToId: facts.targetMaxId, rows: facts.sourceRows };
}

function describeRows(context: PlanContext, id: string, rows: RowsWork): { from?: string; to?: string } {
  const facts = context.rows.get(id);
  if (!facts || rows.do === 'keep') return {};
  const to = rows.do === 'append' ? facts.targetRows + rows.rows : rows.rows;
  return { from: countRows(facts.targetRows), to: countRows(to) };
}

function countRows(count: number): string {
  return `${count} row${count === 1 ? '' : 's'}`;
}

/** Columns go by name. A column that only the target has is kept: it may hold data that no snapshot has. */
function diffColumns(
  wanted: TableItem,
  there: TableItem,
): { missing: TableColumn[]; notes: Note[]; conflict: NonNullable<Planned['blocked']> | null } {
  const types = new Map(there.columns.map((column) => [column.name, column.type]));
  const missing = wanted.columns.filter((column) => !types.has(column.name)).map(toColumn);
  const other = wanted.columns.filter((c) => types.has(c.name) && types.get(c.name) !== c.type);
  const known = new Set(wanted.columns.map((column) => column.name));
  const notes = there.columns
    .filter((column) => !known.has(column.name))
    .map((column): Note => ({
      code: 'column',
      message: `column ${JSON.stringify(column.name)} is not in the snapshot and is kept`,
    }));
  const [first] = other;
  if (!first) return { missing, notes, conflict: null };
  const reason =
    `column ${JSON.stringify(first.name)} is ${first.type} in the snapshot and ` +
    `${types.get(first.name)!} on the target`;
  return {
    missing,
    notes: [...notes, { code: 'column', message: reason }],
    conflict: {
      reason,
      remedy: 'Rename or delete that column (or the table) on the target, then restore again.',
    },
  };
}

function movedNote(context: PlanContext, wanted: TableItem, there: TableItem): Note[] {
  if (!isElsewhere(context, wanted.projectId, there.projectId)) return [];
  return [
    {
      code: 'not-restorable',
      message: 'it is in another project, and n8n cannot move data tables between projects',
    },
  ];
}

function toColumn(column: TableColumn): TableColumn {
  return { name: column.name, type: column.type };
}
