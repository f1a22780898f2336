import { isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn, textOf } from '../../kinds/fields.ts';
import { KIND, KINDS, type Kind } from '../../kinds/kinds.ts';
import { kindOf, parsePath } from '../../snapshot/format/paths.ts';
import { readNames } from '../names.ts';
import { readJson } from '../read-json.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import { plainView } from '../../snapshot/treat/plain-view.ts';
import { PageBuilder } from './page-builder.ts';

/**
 * A page that draws every workflow of a snapshot and lists its other items. `warnings` stand above its notes.
 * @throws FlowkeepError `snapshot-format`
 */
export async function snapshotPage(
  snapshot: SnapshotView,
  signal?: AbortSignal,
  warnings: readonly string[] = [],
): Promise<string> {
  const source = plainView(snapshot);
  const names = await readNames(source, signal);
  const page = new PageBuilder();
  const paths = [...source.files.keys()];
  const drafts = paths.filter((path) => parsePath(path)?.role === 'draft');
  for await (const [, draft] of readJson(source, drafts, signal)) {
    if (isJsonObject(draft)) page.addWorkflow({ draft, published: null, names });
  }
  for await (const [path, value] of readJson(source, paths.filter(isOther), signal)) {
    for (const item of otherItems(path, value))
      page.addItem({ ...item, change: 'same', search: '' }, { facts: [['id', item.id], ...item.facts], changes: [] });
  }
  const { header, id, takenAt } = source;
  const version = header.n8nVersion === null ? [] : [`n8n ${header.n8nVersion}`];
  const unseen = KINDS.flatMap((kind) => {
    const found = header.kinds[kind];
    return found?.reason ? [`${kind} ${found.coverage}: ${found.reason.message}`] : [];
  });
  return page.showPage(`${header.instance}: ${id}`, [[takenAt, ...version].join(', ')], [...warnings, ...unseen]);
}

/** A list, a credential or a table, of a kind that the page shows. */
function isOther(path: string): boolean {
  const at = parsePath(path);
  if (!at?.part || !['list', 'credential', 'table'].includes(at.role)) return false;
  return KIND[kindOf(at.part)].pageMembers !== null;
}

interface OtherItem {
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
  readonly words: string;
  readonly facts: readonly (readonly [string, string])[];
}

function otherItems(path: string, value: Json): OtherItem[] {
  const { role, part } = parsePath(path) ?? {};
  const kind = part as Kind;
  if (role === 'list') return objectsIn(isJsonObject(value) ? value.folders : value).map((item) => toItem(kind, item));
  if (!isJsonObject(value)) return [];
  if (role === 'credential') return [toItem(kind, value)];
  const columns = objectsIn(value.columns).map(
    (column) => [`column ${textOf(column.name)}`, textOf(column.type)] as const,
  );
  return [{ ...toItem(kind, value), words: `${columns.length} columns`, facts: columns }];
}

function toItem(kind: Kind, item: JsonObject): OtherItem {
  const { nameMember, pageMembers } = KIND[kind];
  const words = pageMembers ?? [];
  return {
    kind,
    name: textOf(item[nameMember]),
    id: textOf(item.id),
    words: words.map((member) => textOf(item[member])).join(' '),
    facts: words.map((member) => [member, textOf(item[member])] as const),
  };
}
