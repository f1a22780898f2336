import { isJsonObject, type Json, type JsonObject } from '../lib/json/json.ts';
import { Pauses } from '../lib/pauses.ts';
import { objectsIn, omit, pick, textOf } from '../kinds/fields.ts';
import { KIND, type Kind, type ListKind } from '../kinds/kinds.ts';
import { listPath } from '../snapshot/format/paths.ts';
import type { Budget } from './budget.ts';
import type { CompareContext, CompareKind } from './compare-context.ts';
import { memberChanges } from './text/fields.ts';
import { levelItems } from './level.ts';
import { folderPath, projectName, sharing, type Names } from './names.ts';
import { findDiffering, pairFiles, slugsOf } from './pair-files.ts';
import { readJson, readOne } from './read-json.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';
import type { FieldChange, ItemDiff } from './types.ts';
import { placeChange, shareChanges } from './workflow/workflow.ts';

/** Members that say when, not what. A credential's `updatedAt` moves with every refresh of a token as well. */
const TIMES = ['createdAt', 'updatedAt'];

/** Items between two pauses. */
const ITEMS_AT_ONCE = 200;

/** The changes that need more than comparing members, and the members that are thereby done. */
interface Special {
  readonly changes: (from: Sided, to: Sided, budget: Budget) => FieldChange[];
  readonly done: readonly string[];
}

interface Sided {
  readonly item: JsonObject;
  readonly names: Names;
}

const NOTHING_SPECIAL: Special = { changes: () => [], done: [] };
export const VARIABLE: Special = { changes: variableProject, done: ['project'] };
export const PROJECT: Special = { changes: members, done: ['members'] };
export const FOLDER: Special = { changes: folderPlace, done: ['projectId', 'parentFolderId'] };
const CREDENTIAL: Special = { changes: credentialSharing, done: ['shared'] };

/** The comparer of a kind that is one file: a list of items. */
export function compareList(special: Special = NOTHING_SPECIAL): CompareKind {
  return async (context, kind) => {
    const { from, to, signal } = context;
    const [before, after] = await Promise.all([from, to].map((side) => readList(side, kind, signal)));
    return compareMaps(context, kind, special, before!, after!);
  };
}

async function readList(source: SnapshotView, kind: Kind, signal?: AbortSignal): Promise<Map<string, JsonObject>> {
  const value = await readOne(source, listPath(kind as ListKind), signal);
  const items = objectsIn(isJsonObject(value) ? value.folders : value);
  return new Map(items.map((item) => [textOf(item[KIND[kind].idMember]), item]));
}

/** Compares the credentials whose files differ. The schemas of their types are n8n's, not the instance's. */
export const compareCredentials: CompareKind = async (context) => {
  const { from, to, signal } = context;
  const all = pairFiles(context, 'credentials');
  for (const item of all) context.only.sees('credentials', item.key, slugsOf(item));
  const differing = await findDiffering(context, 'credentials', all);
  const read = async (source: SnapshotView, side: 'from' | 'to'): Promise<Map<string, JsonObject>> => {
    const items = new Map<string, JsonObject>();
    const paths = [...differing].flatMap((item) => [...item[side].values()]);
    for await (const [, value] of readJson(source, paths, signal))
      if (isJsonObject(value)) items.set(textOf(value.id), value);
    return items;
  };
  return compareMaps(context, 'credentials', CREDENTIAL, await read(from, 'from'), await read(to, 'to'));
};

async function compareMaps(
  context: CompareContext,
  kind: Kind,
  special: Special,
  before: ReadonlyMap<string, JsonObject>,
  after: ReadonlyMap<string, JsonObject>,
): Promise<ItemDiff[]> {
  const nameOf = (item: JsonObject): string => textOf(item[KIND[kind].nameMember]);
  const pauses = new Pauses(ITEMS_AT_ONCE);
  const result: ItemDiff[] = [];
  for (const id of new Set([...after.keys(), ...before.keys()])) {
    await pauses.after();
    const [old, now] = [before.get(id), after.get(id)];
    const item = now ?? old!;
    const known = [old, now].flatMap((each) => (each ? [nameOf(each)] : []));
    if (!context.only.wants(kind, id, known)) continue;
    const head = { kind, id, name: nameOf(item) || id, layoutOnly: false };
    if (!old || !now) {
      result.push({ ...head, change: now ? 'added' : 'removed', fields: [] });
      continue;
    }
    const level = levelItems(context, kind, old, now);
    if (level.withheld > 0) context.onWithheld({ kind, id, name: head.name, texts: level.withheld });
    const fields = itemChanges(context, special, level.before, level.after);
    if (fields.length > 0) result.push({ ...head, change: 'changed', fields });
  }
  return result;
}

function itemChanges(
  { names, budget }: CompareContext,
  special: Special,
  before: JsonObject,
  after: JsonObject,
): FieldChange[] {
  const passedOver = [...TIMES, ...special.done];
  const others = special.changes({ item: before, names: names.from }, { item: after, names: names.to }, budget);
  return [...memberChanges(omit(before, passedOver), omit(after, passedOver), budget), ...others];
}

function variableProject(from: Sided, to: Sided): FieldChange[] {
  const idOf = ({ item }: Sided): string | null => (isJsonObject(item.project) ? textOf(item.project.id) : null);
  return placeChange('project', [from.names, idOf(from)], [to.names, idOf(to)], projectName);
}

function members(from: Sided, to: Sided, budget: Budget): FieldChange[] {
  // null: the key could not see them, which is not that they left.
  if (!Array.isArray(from.item.members) || !Array.isArray(to.item.members)) return [];
  const rolesOf = (value: Json): JsonObject =>
    Object.fromEntries(
      objectsIn(value).map((member) => [
        textOf(member.email) || textOf(member.id),
        pick(member, ['role']).role ?? 'member',
      ]),
    );
  return memberChanges({ members: rolesOf(from.item.members) }, { members: rolesOf(to.item.members) }, budget);
}

function folderPlace(from: Sided, to: Sided): FieldChange[] {
  const idOf = ({ item }: Sided, member: string): string | null => textOf(item[member]) || null;
  const at = (side: Sided, member: string) => [side.names, idOf(side, member)] as const;
  return [
    ...placeChange('project', at(from, 'projectId'), at(to, 'projectId'), projectName),
    ...placeChange('folder', at(from, 'parentFolderId'), at(to, 'parentFolderId'), folderPath),
  ];
}

function credentialSharing(from: Sided, to: Sided): FieldChange[] {
  const [old, now] = [sharing(from.item, 'id'), sharing(to.item, 'id')];
  return [
    ...placeChange('project', [from.names, old.owner], [to.names, now.owner], projectName),
    ...shareChanges([from.names, old.others], [to.names, now.others]),
  ];
}
