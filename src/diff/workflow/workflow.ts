// What differs between two versions of one workflow: nodes, wires, settings, the live version.

import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { compareText, objectsIn, omit, textOf } from '../../kinds/fields.ts';
import type { Budget } from '../budget.ts';
import { fieldChanges, memberChanges, textChange } from '../text/fields.ts';
import { folderPath, projectName, sharing, type Names } from '../names.ts';
import type { FieldChange, ItemDiff, VersionDiff } from '../types.ts';
import { diffVersion, isEmptyVersion, isLayoutOnly } from '../version.ts';

/** A workflow on one side. */
export interface WorkflowSide {
  readonly draft: JsonObject;
  /** The live version where it differs from the draft. */
  readonly published: JsonObject | null;
  readonly names: Names;
}

/** Members that are compared by themselves, or that say nothing of the content. */
const OWN = [
  ...['id', 'name', 'nodes', 'connections', 'nodeGroups', 'settings', 'pinData', 'tags', 'shared'],
  ...['active', 'isArchived', 'description', 'createdAt', 'updatedAt', 'versionId', 'versionCounter'],
];

/** What differs between two states of one workflow, or null where nothing does. */
export async function diffWorkflow(from: WorkflowSide, to: WorkflowSide, budget: Budget): Promise<ItemDiff | null> {
  const draft = await diffVersion(from.draft, to.draft, budget);
  const live = await diffLive(from, to, draft, budget);
  const fields = [...stateChanges(from, to), ...contentChanges(from.draft, to.draft, budget)];
  if (fields.length === 0 && isEmptyVersion(draft) && live === null) return null;
  return {
    kind: 'workflows',
    id: textOf(to.draft.id),
    name: textOf(to.draft.name),
    change: 'changed',
    layoutOnly: fields.every((field) => field.layout) && isLayoutOnly(draft) && (live === null || isLayoutOnly(live)),
    fields,
    draft,
    ...(live === null ? {} : { live }),
  };
}

/** What an added or removed workflow holds. */
export function holdsWords({ draft }: WorkflowSide): string {
  const nodes = objectsIn(draft.nodes).length;
  const state = draft.isArchived === true ? 'archived' : draft.active === true ? 'published' : 'not published';
  return `${nodes} ${nodes === 1 ? 'node' : 'nodes'}, ${state}`;
}

/** The version that runs, or null where none is published. */
export function liveVersion({ draft, published }: WorkflowSide): JsonObject | null {
  return published ?? (draft.active === true ? draft : null);
}

/**
 * What differs in the live version, where that needs saying: not where draft and live version changed alike, and not
 * where one of the sides has no live version, which the publish state says.
 */
async function diffLive(
  from: WorkflowSide,
  to: WorkflowSide,
  draft: VersionDiff,
  budget: Budget,
): Promise<VersionDiff | null> {
  const [before, after] = [liveVersion(from), liveVersion(to)];
  if (!before || !after || (from.published === null && to.published === null)) return null;
  const live = await diffVersion(before, after, budget);
  return isEmptyVersion(live) || isDeepStrictEqual(live, draft) ? null : live;
}

function stateChanges(from: WorkflowSide, to: WorkflowSide): FieldChange[] {
  const [before, after] = [from.draft, to.draft];
  const [old, now] = [sharing(before, 'projectId'), sharing(after, 'projectId')];
  return [
    ...textChange('name', textOf(before.name), textOf(after.name)),
    ...textChange('live version', liveState(from), liveState(to)),
    ...flag('archived', before.isArchived === true, after.isArchived === true),
    ...tagChanges(before, after),
    ...placeChange('project', [from.names, old.owner], [to.names, now.owner], projectName),
    ...folderChange(from, to),
    ...shareChanges([from.names, old.others], [to.names, now.others]),
  ];
}

function liveState(side: WorkflowSide): string {
  if (liveVersion(side) === null) return 'none';
  return side.published === null ? 'the draft' : 'older than the draft';
}

function flag(field: string, from: boolean, to: boolean): FieldChange[] {
  return from === to ? [] : [{ field, from, to }];
}

function folderChange(from: WorkflowSide, to: WorkflowSide): FieldChange[] {
  // A side without folders does not say that the workflow left its folder.
  if (from.names.places === null || to.names.places === null) return [];
  return placeChange('folder', [from.names, placeOf(from)], [to.names, placeOf(to)], folderPath);
}

function placeOf({ draft, names }: WorkflowSide): string | null {
  return names.places?.get(textOf(draft.id)) ?? null;
}

type Place = readonly [names: Names, id: string | null];

/** Compared by id: a renamed project or folder is a change of its own, not of what is in it. */
export function placeChange(
  field: string,
  [oldNames, from]: Place,
  [newNames, to]: Place,
  say: (names: Names, id: string | null) => string | null,
): FieldChange[] {
  return from === to ? [] : textChange(field, say(oldNames, from), say(newNames, to));
}

/** By id: a renamed tag is a change of the tag. */
function tagChanges(from: JsonObject, to: JsonObject): FieldChange[] {
  const [before, after] = [objectsIn(from.tags), objectsIn(to.tags)].map(
    (tags) => new Map(tags.map((tag) => [textOf(tag.id), textOf(tag.name)])),
  ) as [Map<string, string>, Map<string, string>];
  const added = [...after].filter(([id]) => !before.has(id)).map(([, name]) => name);
  const removed = [...before].filter(([id]) => !after.has(id)).map(([, name]) => name);
  return [
    ...removed.sort(compareText).map((name) => ({ field: 'tag', from: name })),
    ...added.sort(compareText).map((name) => ({ field: 'tag', to: name })),
  ];
}

type Shares = readonly [names: Names, others: readonly (readonly [id: string, role: string])[]];

/** The projects that an item is shared with besides its owner, compared by id and shown by name. */
export function shareChanges([oldNames, from]: Shares, [newNames, to]: Shares): FieldChange[] {
  const keyOf = (share: Shares[1][number]): string => share.join(' ');
  const [before, after] = [new Set(from.map(keyOf)), new Set(to.map(keyOf))];
  const say = (names: Names, shares: Shares[1]): string[] =>
    shares.map(([id, role]) => `${names.projects.get(id) || id} (${role})`);
  const gone = from.filter((share) => !after.has(keyOf(share)));
  const come = to.filter((share) => !before.has(keyOf(share)));
  if (gone.length + come.length === 0) return [];
  return [
    {
      field: 'shared with',
      ...(gone.length === 0 ? {} : { from: say(oldNames, gone) }),
      ...(come.length === 0 ? {} : { to: say(newNames, come) }),
    },
  ];
}

function contentChanges(from: JsonObject, to: JsonObject, budget: Budget): FieldChange[] {
  return [
    ...fieldChanges('description', from.description || undefined, to.description || undefined, budget),
    ...fieldChanges('settings', objectOrEmpty(from.settings), objectOrEmpty(to.settings), budget),
    ...fieldChanges('pinData', objectOrEmpty(from.pinData), objectOrEmpty(to.pinData), budget),
    ...memberChanges(omit(from, OWN), omit(to, OWN), budget),
    ...fieldChanges('nodeGroups', from.nodeGroups ?? [], to.nodeGroups ?? [], budget).map((change) => ({
      ...change,
      layout: true,
    })),
  ];
}

function objectOrEmpty(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
