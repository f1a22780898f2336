import type { Kind } from '../../kinds/kinds.ts';
import type { SnapshotModel } from './model.ts';
import type { ActionKey } from '../plan/types.ts';

/** An item of a snapshot, named by kind and id. */
export interface ItemRef {
  readonly kind: Kind;
  readonly id: string;
}

/** The items of a kind, by id. */
export function itemsOf<K extends Kind>(model: SnapshotModel, kind: K): SnapshotModel[K] {
  return model[kind];
}

/** The key of an item's action. */
export function keyOf(kind: Kind, id: string): ActionKey {
  return `${kind}:${id}`;
}

/** Whether a model knows all items of a kind, so that what it does not hold is known not to be there. */
export function isComplete(model: SnapshotModel, kind: Kind): boolean {
  return model.header.kinds[kind]?.coverage === 'complete';
}

/** Why a model does not know all items of a kind, in n8n's words where there are any. */
export function whyIncomplete(model: SnapshotModel, kind: Kind): string {
  const header = model.header.kinds[kind];
  return header?.reason?.message ?? (header ? `the kind is ${header.coverage}` : 'the kind was not read');
}

/** Whether the model knows which folder each workflow is in (collect/folders.ts adds a note if it does not). */
export function knowsPlaces(model: SnapshotModel): boolean {
  const notes = model.header.kinds.folders?.notes ?? [];
  return isComplete(model, 'folders') && !notes.some((note) => note.startsWith('which folder a workflow'));
}
