import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import { omit } from '../../kinds/fields.ts';
import type { FieldChange, NodeChange, NodeDiff, RowsDiff, ValueChange, VersionDiff } from '../types.ts';
import { COARSE_WORDS, fieldPhrase, moreWiresWords, nodeChangeWords, wireWords } from '../words.ts';
import { joinPath } from '../text/values.ts';
import type { Shown } from './page-data.ts';

/** Characters of one value that a page holds: a page of 200 workflows stays one that a browser opens at once. */
const VALUE_LENGTH = 4000;
/** Values of one node. */
const MAX_VALUES = 200;

/** The changes of a node, ready to be shown. */
export function nodeChangesShown({ changes }: NodeDiff): Shown[] {
  return changes.map((change) => {
    switch (change.what) {
      case 'parameter':
      case 'setting':
        return valueShown(change);
      case 'enabled':
      case 'disabled':
        return { title: change.what };
      case 'moved':
        return { title: 'moved', from: change.from.join(', '), to: change.to.join(', ') };
      case 'credential':
      case 'renamed':
      case 'resized':
      case 'type':
      case 'version':
        return sidesShown(change);
    }
  });
}

type SidedChange = Extract<
  NodeChange,
  { what: 'credential' | 'renamed' | 'resized' | 'type' } | { what: 'type' | 'version' }
>;

function sidesShown(change: SidedChange): Shown {
  const title = change.what === 'credential' ? nodeChangeWords(change) : change.what;
  return { title, ...sides(change) };
}

function valueShown({ path, lines, coarse, ...change }: ValueChange): Shown {
  const title = coarse ? `${path} (${COARSE_WORDS})` : path;
  return lines ? { title, lines } : { title, ...sides(change) };
}

function sides(change: { readonly from?: Json; readonly to?: Json }): Pick<Shown, 'from' | 'to'> {
  return {
    ...(change.from === undefined ? {} : { from: cut(valueText(change.from)) }),
    ...(change.to === undefined ? {} : { to: cut(valueText(change.to)) }),
  };
}

/** The changes of an item itself. */
export function fieldsShown(fields: readonly FieldChange[]): Shown[] {
  return fields.map((field) => {
    const { field: path, ...change } = field;
    if (['live version', 'archived', 'tag'].includes(path)) return { title: fieldPhrase(field) };
    return valueShown({ path, ...change });
  });
}

/** What changed in the live version, as lines without values: its nodes are not drawn. */
export function liveShown(live: VersionDiff): Shown[] {
  return [
    ...live.nodes.map((node) => ({
      title: `live version: ${node.name} ${node.change}`,
      ...(node.changes.length > 0 ? { to: node.changes.map(nodeChangeWords).join(', ') } : {}),
    })),
    ...live.wires.map((wire) => ({ title: `live version: wire ${wire.change}`, to: wireWords(wire) })),
    ...moreWiresWords(live).map((words) => ({ title: `live version: ${words}` })),
  ];
}

export function rowsShown(rows: RowsDiff): Shown[] {
  const total = rows.added + rows.changed + rows.removed;
  const listed = rows.listed.map((row) => ({
    title: `row ${row.id} ${row.change}`,
    lines: row.columns.flatMap(({ path, from, to }) => [
      ...(from === undefined ? [] : [{ op: 'removed' as const, text: cut(`${path}: ${valueText(from)}`) }]),
      ...(to === undefined ? [] : [{ op: 'added' as const, text: cut(`${path}: ${valueText(to)}`) }]),
    ]),
  }));
  return total > listed.length ? [...listed, { title: `and ${total - listed.length} more rows` }] : listed;
}

/** Every value of a node, each with its path; members without content are left out. */
export function valuesShown(node: JsonObject): Shown[] {
  const values: Shown[] = [];
  const settings = omit(node, ['id', 'name', 'type', 'position', 'parameters', 'disabled', 'credentials']);
  flatten(node.parameters ?? {}, '', values);
  flatten(node.credentials ?? {}, 'credentials', values);
  flatten(settings, '', values);
  return values.length > MAX_VALUES
    ? [...values.slice(0, MAX_VALUES), { title: `and ${values.length - MAX_VALUES} more` }]
    : values;
}

function flatten(value: Json, path: string, into: Shown[]): void {
  if (isJsonObject(value)) {
    for (const key of Object.keys(value).sort()) flatten(value[key] ?? null, joinPath(path, key), into);
  } else if (Array.isArray(value)) {
    value.forEach((entry, index) => flatten(entry, `${path}[${index}]`, into));
  } else if (value !== null && value !== '') into.push({ title: path, to: cut(valueText(value)) });
}

/** A text as it is; anything else as JSON. */
function valueText(value: Json): string {
  if (typeof value === 'string') return value;
  return canonicalJson(value).trimEnd();
}

function cut(text: string): string {
  if (text.length <= VALUE_LENGTH) return text;
  return `${text.slice(0, VALUE_LENGTH)}… (${text.length - VALUE_LENGTH} more characters)`;
}
