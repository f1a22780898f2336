import { isJsonObject, type JsonObject } from '../lib/json/json.ts';
import { objectsIn, omit, textMember, textOf } from '../kinds/fields.ts';
import type { CompareContext, CompareKind } from './compare-context.ts';
import { memberChanges, textChange } from './text/fields.ts';
import { projectName } from './names.ts';
import { pairFiles, slugsOf, type ItemFiles } from './pair-files.ts';
import { diffRows } from './rows.ts';
import { readOne } from './read-json.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';
import type { FieldChange, ItemDiff } from './types.ts';
import { placeChange } from './workflow/workflow.ts';

const OWN = ['columns', 'projectId', 'createdAt', 'updatedAt'];

/** Compares data tables, one after another: their columns, and the row files that differ. */
export const compareTables: CompareKind = async (context) => {
  const all = pairFiles(context, 'data-tables');
  for (const item of all) context.only.sees('data-tables', item.key, slugsOf(item));
  const result: ItemDiff[] = [];
  for (const files of all) {
    const item = await compareTable(context, files);
    if (item) result.push(item);
  }
  return result;
};

async function compareTable(context: CompareContext, files: ItemFiles): Promise<ItemDiff | null> {
  const { from, to, signal } = context;
  const before = await readTable(from, files.from, signal);
  const after = await readTable(to, files.to, signal);
  const table = after ?? before;
  if (!table) return null;
  const names = [before, after].flatMap((each) => (each ? [textOf(each.name)] : []));
  if (!context.only.wants('data-tables', textOf(table.id), names)) return null;
  const head = {
    kind: 'data-tables',
    id: textOf(table.id),
    name: textOf(table.name),
    layoutOnly: false,
  } as const;
  if (!before || !after) return { ...head, change: after ? 'added' : 'removed', fields: [], holds: holds(table) };
  const fields = tableChanges(context, before, after);
  const { rows, withheld } = await diffRows(context, rowFiles(files));
  if (withheld > 0) context.onWithheld({ kind: head.kind, id: head.id, name: head.name, texts: withheld });
  if (fields.length === 0 && rows === null) return null;
  return { ...head, change: 'changed', fields, ...(rows === null ? {} : { rows }) };
}

async function readTable(
  source: SnapshotView,
  files: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<JsonObject | null> {
  const path = files.get('table');
  const value = path === undefined ? null : await readOne(source, path, signal);
  return isJsonObject(value) ? value : null;
}

function holds(table: JsonObject): string {
  const columns = objectsIn(table.columns).length;
  return `${columns} ${columns === 1 ? 'column' : 'columns'}`;
}

/** The row files of both sides, paired by their range of ids, in the order of ids. */
function rowFiles({ from, to }: ItemFiles): { from: string | null; to: string | null }[] {
  const roles = [...new Set([...from.keys(), ...to.keys()])].filter((role) => role !== 'table');
  return roles
    .sort((a, b) => rangeOf(a) - rangeOf(b))
    .map((role) => ({ from: from.get(role) ?? null, to: to.get(role) ?? null }));
}

function rangeOf(role: string): number {
  return Number(role.slice('rows/'.length));
}

function tableChanges({ names, budget }: CompareContext, before: JsonObject, after: JsonObject): FieldChange[] {
  const project = (table: JsonObject): string | null => textOf(table.projectId) || null;
  return [
    ...memberChanges(omit(before, OWN), omit(after, OWN), budget),
    ...placeChange('project', [names.from, project(before)], [names.to, project(after)], projectName),
    ...columnChanges(objectsIn(before.columns), objectsIn(after.columns)),
  ];
}

/** By the columns' ids, so that a renamed column stays the same column. */
function columnChanges(before: readonly JsonObject[], after: readonly JsonObject[]): FieldChange[] {
  const idOf = textMember('id');
  const [nameOf, typeOf] = [textMember('name'), textMember('type')];
  const old = new Map(before.map((column) => [idOf(column), column]));
  const now = new Map(after.map((column) => [idOf(column), column]));
  const kept = (columns: readonly JsonObject[], other: ReadonlyMap<string, JsonObject>): string[] =>
    columns.map(idOf).filter((id) => other.has(id));
  const [orderBefore, orderAfter] = [kept(before, now), kept(after, old)];
  const moved = orderBefore.some((id, index) => id !== orderAfter[index]);
  return [
    ...before
      .filter((column) => !now.has(idOf(column)))
      .map((column) => ({ field: `column ${nameOf(column)}`, from: typeOf(column) })),
    ...after.flatMap((column): FieldChange[] => {
      const was = old.get(idOf(column));
      if (!was) return [{ field: `column ${nameOf(column)}`, to: typeOf(column) }];
      return [
        ...textChange('column name', nameOf(was), nameOf(column)),
        ...textChange(`type of column ${nameOf(column)}`, typeOf(was), typeOf(column)),
      ];
    }),
    ...(moved
      ? [
          {
            field: 'order of columns',
            from: orderBefore.map((id) => nameOf(now.get(id)!)),
            to: orderAfter.map((id) => nameOf(now.get(id)!)),
          },
        ]
      : []),
  ];
}
