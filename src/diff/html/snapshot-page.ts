import { isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn, textOf } from '../../kinds/fields.ts';
import { KINDS, type Kind } from '../../kinds/kinds.ts';
import {
  COMMUNITY_PACKAGES_PATH,
  FOLDERS_PATH,
  PROJECTS_PATH,
  TAGS_PATH,
  VARIABLES_PATH,
} from '../../snapshot/format/paths.ts';
import { readNames } from '../names.ts';
import { readJson } from '../read-json.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import { PageBuilder } from './page-builder.ts';

/** A page that draws every workflow of a snapshot and lists its other items. @throws FlowkeepError `snapshot-format` */
export async function snapshotPage(source: SnapshotView, signal?: AbortSignal): Promise<string> {
  const names = await readNames(source, signal);
  const page = new PageBuilder();
  const paths = [...source.files.keys()];
  const drafts = paths.filter((path) => /^workflows\/.*(?<!\.published)\.json$/.test(path));
  for await (const [, draft] of readJson(source, drafts, signal)) {
    if (isJsonObject(draft)) page.addWorkflow({ draft, published: null, names });
  }
  for await (const [path, value] of readJson(source, paths.filter(isOther), signal)) {
    for (const item of otherItems(path, value))
      page.addItem(
        { ...item, change: 'same', search: '' },
        { facts: [['id', item.id], ...item.facts], changes: [] },
      );
  }
  const { header, id, takenAt } = source;
  const version = header.n8nVersion === null ? [] : [`n8n ${header.n8nVersion}`];
  const unseen = KINDS.flatMap((kind) => {
    const found = header.kinds[kind];
    return found?.reason ? [`${kind} ${found.coverage}: ${found.reason.message}`] : [];
  });
  return page.showPage(`${header.instance}: ${id}`, [[takenAt, ...version].join(', ')], unseen);
}

const LISTS: Readonly<Record<string, readonly [kind: Kind, name: string, words: readonly string[]]>> = {
  // The value of a variable may be meant for few eyes; a page travels.
  [VARIABLES_PATH]: ['variables', 'key', ['type']],
  [TAGS_PATH]: ['tags', 'name', []],
  [PROJECTS_PATH]: ['projects', 'name', ['type']],
  [FOLDERS_PATH]: ['folders', 'name', []],
  [COMMUNITY_PACKAGES_PATH]: ['community-packages', 'packageName', ['installedVersion']],
};

function isOther(path: string): boolean {
  return Object.hasOwn(LISTS, path) || /^credentials\/|^data-tables\/[^/]+\/table\.json$/.test(path);
}

interface OtherItem {
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
  readonly words: string;
  readonly facts: readonly (readonly [string, string])[];
}

function otherItems(path: string, value: Json): OtherItem[] {
  const list = LISTS[path];
  if (list) {
    const [kind, name, words] = list;
    const items = objectsIn(isJsonObject(value) ? value.folders : value);
    return items.map((item) => toItem(kind, item, name, words));
  }
  if (!isJsonObject(value)) return [];
  if (path.startsWith('credentials/')) return [toItem('credentials', value, 'name', ['type'])];
  const columns = objectsIn(value.columns).map(
    (column) => [`column ${textOf('name')(column)}`, textOf('type')(column)] as const,
  );
  const item = toItem('data-tables', value, 'name', []);
  return [{ ...item, words: `${columns.length} columns`, facts: columns }];
}

function toItem(kind: Kind, item: JsonObject, name: string, words: readonly string[]): OtherItem {
  return {
    kind,
    name: textOf(name)(item),
    id: textOf('id')(item),
    words: words.map((member) => textOf(member)(item)).join(' '),
    facts: words.map((member) => [member, textOf(member)(item)] as const),
  };
}
