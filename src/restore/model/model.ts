// What a restore knows of a snapshot and of its target: items by kind and id, and what refers to what. Both
// are read into the same model, so that planning can compare them.

import type { Json, JsonObject } from '../../lib/json/json.ts';
import type { Kind } from '../../kinds/kinds.ts';
import type { SnapshotHeader } from '../../snapshot/format/header.ts';

/**
 * A snapshot, or the live state of the target, as restore looks at it: the items of each kind by id, under the kind's
 * name. Row data stays where it is until it is read.
 */
export interface SnapshotModel extends Items {
  readonly id: string;
  readonly takenAt: string;
  readonly header: SnapshotHeader;
  /** JSON Schemas of credential types, by type. */
  readonly schemas: ReadonlyMap<string, JsonObject>;
}

export type Items = { readonly [K in Kind]: ReadonlyMap<string, ItemOf<K>> };

/** Kinds whose items have more to them than members that are written as they are stored. */
interface ItemTypes {
  workflows: WorkflowItem;
  credentials: CredentialItem;
  variables: VariableItem;
  projects: ProjectItem;
  folders: FolderItem;
  'data-tables': TableItem;
}
export type ItemOf<K extends Kind> = K extends keyof ItemTypes ? ItemTypes[K] : ListItem;

/** The place of an item. null: the personal project of the caller, or the root of the project. */
export interface Place {
  readonly projectId: string | null;
  readonly folderId: string | null;
}

/** What every item has. */
export interface Item {
  readonly id: string;
  readonly name: string;
  /** The project that it is in; null where there is none, or the instance does not say. */
  readonly projectId?: string | null;
}
/** An entry of a list, such as a tag. A community package's id is its name; a user's name is the address. */
export interface ListItem extends Item {
  readonly stored: JsonObject;
}
export interface WorkflowItem extends Item {
  readonly draft: JsonObject;
  /** The live version where it differs from the draft. */
  readonly published: JsonObject | null;
  /** Static data, or null. */
  readonly staticData: Json;
  /** Whether it is live. */
  readonly active: boolean;
  readonly archived: boolean;
  /** The project that owns it, or null if the instance does not say. */
  readonly projectId: string | null;
  /** null: at the root of its project. */
  readonly folderId: string | null;
  readonly tagIds: readonly string[];
}
export interface CredentialItem extends Item {
  readonly type: string;
  readonly projectId: string | null;
}
export interface VariableItem extends Item {
  /** The variable's key; its `name` is the same. */
  readonly key: string;
  /** null: the store keeps no values of variables. */
  readonly value: string | null;
  readonly type: string;
  /** null: global. */
  readonly projectId: string | null;
}
export interface ProjectItem extends Item {
  readonly personal: boolean;
  /** null: the key could not see them. */
  readonly members: readonly MemberItem[] | null;
  /** Icon, description and trace attributes, as far as it has them: only a package import writes those. */
  readonly details: JsonObject;
}
export interface MemberItem {
  readonly id: string;
  readonly email: string | null;
  readonly role: string;
}
export interface FolderItem extends Item {
  readonly projectId: string;
  readonly parentFolderId: string | null;
}
export interface TableItem extends Item {
  readonly projectId: string | null;
  /** In their order. */
  readonly columns: readonly { readonly id: string; readonly name: string; readonly type: string }[];
  /** Paths of the files with its rows, in id order. */
  readonly rowFiles: readonly string[];
  /** The rows in id order, as stored: with `id`, `createdAt` and `updatedAt`. One file is in memory at a time. */
  rows(): AsyncIterable<JsonObject>;
}
export interface UserItem extends Item {
  readonly email: string;
  readonly role: string | null;
}
