// Which items a restore is about: `--only`, what the chosen items need, and which item of the target each one
// is.

import { distance } from 'fastest-levenshtein';
import { UsageError } from '../../../lib/errors.ts';
import type { Kind } from '../../../kinds/kinds.ts';
import { foldName, parseOnly } from '../../../kinds/only.ts';
import { isComplete, itemsOf, keyOf, whyIncomplete, type ItemRef } from '../../model/items.ts';
import type { Item, SnapshotModel } from '../../model/model.ts';
import { counted, KIND, KINDS, RESTORE_ORDER, singular } from '../../../kinds/kinds.ts';
import { inOneLine } from '../../../lib/printable.ts';

/** What `--only` chose. */
export interface Selection {
  readonly items: ReadonlyMap<string, ItemRef>;
  /** Kinds that were chosen as a whole: only there does a deletion follow from an item's absence. */
  readonly wholeKinds: ReadonlySet<Kind>;
  /** Projects that were chosen as a whole, by their id in the snapshot. */
  readonly wholeProjects: ReadonlySet<string>;
}

/** The largest number of candidates or similar names that are listed. */
const LISTED = 10;
/** Names longer than this are only looked into for what was typed: nobody mistypes them. */
const MAX_NAME_LENGTH = 1000;
/** A near name differs in at most this part of its letters. */
const NEAR = 0.5;

/**
 * The items that `--only` chooses: `KIND`, or `KIND:ID-OR-NAME`, where a tag brings its workflows, a project and a
 * folder all of their content. Without any, everything; users only `withUsers`.
 * @throws UsageError where nothing is found or a name is ambiguous
 */
export function selectItems(model: SnapshotModel, only: readonly string[], withUsers = false): Selection {
  const selection = {
    items: new Map<string, ItemRef>(),
    wholeKinds: new Set<Kind>(),
    wholeProjects: new Set<string>(),
  };
  const add = (kind: Kind, id: string): void => {
    selection.items.set(keyOf(kind, id), { kind, id });
  };
  if (only.length === 0) {
    for (const kind of RESTORE_ORDER) if (KIND[kind].byDefault || withUsers) addKind(model, kind, selection, add);
    for (const id of model.projects.keys()) selection.wholeProjects.add(id);
    return selection;
  }
  for (const text of only) {
    const { kind, wanted } = parseOnly(text);
    if (wanted === null) {
      requireItems(model, kind, text);
      addKind(model, kind, selection, add);
      continue;
    }
    const { id } = findItem(model, kind, wanted);
    add(kind, id);
    addMembers(model, kind, id, add);
    if (kind === 'projects') selection.wholeProjects.add(id);
  }
  return selection;
}

type Add = (kind: Kind, id: string) => void;

function addKind(model: SnapshotModel, kind: Kind, selection: { wholeKinds: Set<Kind> }, add: Add): void {
  selection.wholeKinds.add(kind);
  for (const id of itemsOf(model, kind).keys()) add(kind, id);
}

/** Choosing a kind that the snapshot could not see must not look like having restored it. */
function requireItems(model: SnapshotModel, kind: Kind, text: string): void {
  if (isComplete(model, kind) || itemsOf(model, kind).size > 0) return;
  throw new UsageError(
    `--only ${text}: snapshot ${model.id} has no ${kind}: ${whyIncomplete(model, kind)}`,
    'Choose another snapshot, or leave this kind out.',
  );
}

/** What comes with a tag, a project or a folder that was chosen by name. */
function addMembers(model: SnapshotModel, kind: Kind, id: string, add: Add): void {
  if (kind === 'tags') {
    for (const workflow of model.workflows.values()) if (workflow.tagIds.includes(id)) add('workflows', workflow.id);
  }
  if (kind === 'folders') addFolder(model, id, add);
  if (kind !== 'projects') return;
  for (const inside of KINDS)
    for (const item of itemsOf(model, inside).values() as Iterable<Item>)
      if (item.projectId === id) add(inside, item.id);
}

/** A folder with what is in it, and all folders below it. */
function addFolder(model: SnapshotModel, id: string, add: Add): void {
  const children = Map.groupBy(model.folders.values(), (folder) => folder.parentFolderId);
  const folders = new Set([id]);
  // A Set can grow while it is walked, and takes each folder once, also where folders lie in each other.
  for (const folder of folders) for (const child of children.get(folder) ?? []) folders.add(child.id);
  for (const folder of folders) add('folders', folder);
  for (const workflow of model.workflows.values())
    if (workflow.folderId !== null && folders.has(workflow.folderId)) add('workflows', workflow.id);
}

/** By id, else by exact name, else by name regardless of case. */
function findItem(model: SnapshotModel, kind: Kind, wanted: string): Item {
  const items = itemsOf(model, kind);
  const byId = items.get(wanted);
  if (byId) return byId;
  const all = [...items.values()];
  const exact = all.filter((item) => item.name === wanted);
  const found = exact.length > 0 ? exact : all.filter((item) => foldName(item.name) === foldName(wanted));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) throw ambiguous(model, kind, wanted, found);
  requireItems(model, kind, `${singular(kind)}:${wanted}`);
  throw notFound(model, kind, wanted, all);
}

function ambiguous(model: SnapshotModel, kind: Kind, wanted: string, found: readonly Item[]): UsageError {
  const listed = found.slice(0, LISTED).map((item) => `  ${describe(model, kind, item)}`);
  if (found.length > LISTED) listed.push(`  and ${found.length - LISTED} more`);
  return new UsageError(
    `${counted(kind, found.length)} of the snapshot ${model.id} are called ` +
      `${JSON.stringify(wanted)}:\n${listed.join('\n')}`,
    `Name the one you mean by its id: --only ${singular(kind).replace(' ', '-')}:${found[0]!.id}`,
  );
}

/** An id and what distinguishes it from others of its name. */
function describe(model: SnapshotModel, kind: Kind, item: Item): string {
  const projectId = item.projectId ?? null;
  const project = projectId === null ? undefined : model.projects.get(projectId);
  const folderId = (item as { folderId?: string | null }).folderId ?? null;
  const folder = folderId === null ? undefined : model.folders.get(folderId);
  const marks = [
    project ? `project ${inOneLine(project.name)}` : null,
    folder ? `folder ${inOneLine(folder.name)}` : null,
    kind === 'workflows' ? (model.workflows.get(item.id)?.archived ? 'archived' : null) : null,
  ].filter((mark) => mark !== null);
  return [item.id, inOneLine(item.name), ...marks].join(', ');
}

function notFound(model: SnapshotModel, kind: Kind, wanted: string, all: readonly Item[]): UsageError {
  const near = nearNames(wanted, all).map((item) => `${inOneLine(item.name)} (${item.id})`);
  const remedy =
    near.length > 0
      ? `Did you mean ${near.join(', ')}?`
      : `It has ${counted(kind, all.length)}; \`flowkeep export ${model.id} --out DIR\` writes them ` +
        'out by name and id. ' +
        'Was it in an older snapshot?';
  return new UsageError(
    `no ${singular(kind)} of the snapshot ${model.id} has the name or id ${JSON.stringify(wanted)}`,
    remedy,
  );
}

/** The names that are closest, or that contain what was typed. */
function nearNames(wanted: string, all: readonly Item[]): Item[] {
  const text = foldName(wanted);
  return all
    .map((item) => ({ item, score: farness(text, foldName(item.name)) }))
    .filter(({ score }) => score <= NEAR)
    .sort((a, b) => a.score - b.score)
    .slice(0, 3)
    .map(({ item }) => item);
}

/** 0 for the same, 1 for nothing in common. */
function farness(wanted: string, name: string): number {
  if (wanted.length >= 3 && name.includes(wanted)) return 0.1;
  const longer = Math.max(wanted.length, name.length, 1);
  // Each letter that one has more is a difference; how many more there are in long names takes long to find out.
  const least = Math.abs(wanted.length - name.length) / longer;
  if (least > NEAR || longer > MAX_NAME_LENGTH) return 1;
  return distance(wanted, name) / longer;
}
