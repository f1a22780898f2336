import { componentsInOrder } from './graph.ts';
import type { FolderItem, Item, WorkflowItem } from '../model/model.ts';
import type { References } from '../model/references.ts';
import type { PublishGroup } from './types.ts';

/** Ids of workflows, each after those that it refers to; where they refer to each other, by name. */
export function calleesFirst(references: References, workflows: readonly WorkflowItem[]): string[] {
  const edges = new Map(
    workflows.map((workflow) => [
      workflow.id,
      references
        .of(workflow)
        .all.filter((reference) => reference.kind === 'workflows' && reference.role !== 'caller')
        .map((reference) => reference.id),
    ]),
  );
  return componentsInOrder(sortedIds(workflows), edges).flat();
}

/** Ids of folders, each after its parent. */
export function parentsFirst(folders: readonly FolderItem[]): string[] {
  const edges = new Map(
    folders.map((folder) => [folder.id, folder.parentFolderId === null ? [] : [folder.parentFolderId]]),
  );
  return componentsInOrder(sortedIds(folders), edges).flat();
}

/** Workflows by whose live versions call which: n8n publishes none whose callees are not published yet. */
export function publishOrder(references: References, workflows: readonly WorkflowItem[]): PublishGroup[] {
  const edges = new Map(workflows.map((workflow) => [workflow.id, references.of(workflow).calls]));
  return componentsInOrder(sortedIds(workflows), edges).map((group) => ({
    workflows: group,
    cyclic: group.length > 1,
  }));
}

/** Ids of items by name, and of the same name by id. */
export function sortedIds(items: readonly Item[]): string[] {
  return [...items]
    .sort((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1))
    .map((item) => item.id);
}
