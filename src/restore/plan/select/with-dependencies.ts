import { NODE_PACKAGES } from '../../../kinds/kinds.ts';
import { itemsOf, keyOf, type ItemRef } from '../../model/items.ts';
import type { Item, SnapshotModel, WorkflowItem } from '../../model/model.ts';
import { communityNodeTypes } from '../../model/node-types.ts';
import type { References } from '../../model/references.ts';
import type { Selection } from './select.ts';
import type { ActionKey } from '../types.ts';

/** An item that a restore looks at. */
export interface ScopedItem extends ItemRef {
  /** Chosen itself; otherwise something that was chosen needs it. */
  readonly chosen: boolean;
  /** Names of the items that need it, in the order found. Empty for what was chosen. */
  readonly neededBy: readonly string[];
}

/**
 * What was chosen and, unless `deps` is false, all that it needs: sub-workflows, the error workflow, credentials, data
 * tables, tags, community packages, folder and project, and what these need.
 */
export function withDependencies(
  model: SnapshotModel,
  selection: Selection,
  references: References,
  deps: boolean,
): Map<ActionKey, ScopedItem> {
  const scope = new Map<ActionKey, ItemRef & { chosen: boolean; neededBy: Set<string> }>();
  for (const [key, ref] of selection.items) scope.set(key, { ...ref, chosen: true, neededBy: new Set() });
  if (deps) addNeeds(model, references, scope);
  return new Map([...scope].map(([key, item]) => [key, { ...item, neededBy: [...item.neededBy] }]));
}

function addNeeds(
  model: SnapshotModel,
  references: References,
  scope: Map<ActionKey, ItemRef & { chosen: boolean; neededBy: Set<string> }>,
): void {
  // A Map can grow while it is walked: what a needed item needs is found in the same loop.
  for (const item of scope.values()) {
    const name = itemsOf(model, item.kind).get(item.id)!.name;
    for (const need of needsOf(model, item, references)) {
      if (!itemsOf(model, need.kind).has(need.id)) continue;
      const key = keyOf(need.kind, need.id);
      const known = scope.get(key);
      if (known === item) continue;
      if (!known) scope.set(key, { kind: need.kind, id: need.id, chosen: false, neededBy: new Set([name]) });
      else if (!known.chosen) known.neededBy.add(name);
    }
  }
}

/** An item needs its project, a folder also the one that it is in, and a workflow what it refers to. */
function needsOf(model: SnapshotModel, { kind, id }: ItemRef, references: References): ItemRef[] {
  const { projectId = null }: Item = itemsOf(model, kind).get(id)!;
  return [
    ...refTo('projects', projectId),
    ...(kind === 'folders' ? refTo('folders', model.folders.get(id)!.parentFolderId) : []),
    ...(kind === 'workflows' ? needsOfWorkflow(model.workflows.get(id)!, references) : []),
  ];
}

function needsOfWorkflow(workflow: WorkflowItem, references: References): ItemRef[] {
  const versions = [workflow.draft, ...(workflow.published ? [workflow.published] : [])];
  const packages = new Set(versions.flatMap((version) => [...communityNodeTypes(version).keys()]));
  return [
    ...refTo('folders', workflow.folderId),
    ...workflow.tagIds.flatMap((id) => refTo('tags', id)),
    ...[...packages].flatMap((name) => refTo(NODE_PACKAGES, name)),
    // A workflow does not need its permitted callers.
    ...references.of(workflow).all.filter((reference) => reference.role !== 'caller'),
  ];
}

function refTo(kind: ItemRef['kind'], id: string | null): ItemRef[] {
  return id === null ? [] : [{ kind, id }];
}
