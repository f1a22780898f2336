// What a restore knows of a snapshot and of its target: items by kind and id, and what refers to what. Both
// are read into the same model, so that planning can compare them.

import type { Json, JsonObject } from '../../lib/json/json.ts';
import type { SnapshotHeader } from '../../snapshot/format/header.ts';

/** A snapshot, or the live state of the target, as restore looks at it. Row data stays where it is until it is read. */
export interface SnapshotModel {
  readonly id: string;
  readonly takenAt: string;
  readonly header: SnapshotHeader;
  readonly workflows: ReadonlyMap<string, WorkflowItem>;
  readonly credentials: ReadonlyMap<string, CredentialItem>;
  /** JSON Schemas of credential types, by type. */
  readonly schemas: ReadonlyMap<string, JsonObject>;
  readonly variables: ReadonlyMap<string, VariableItem>;
  readonly tags: ReadonlyMap<string, TagItem>;
  readonly projects: ReadonlyMap<string, ProjectItem>;
  readonly folders: ReadonlyMap<string, FolderItem>;
  readonly tables: ReadonlyMap<string, TableItem>;
  /** By package name. */
  readonly packages: ReadonlyMap<string, PackageItem>;
  readonly users: ReadonlyMap<string, UserItem>;
}

/** The place of an item. null: the personal project of the caller, or the root of the project. */
export interface Place {
  readonly projectId: string | null;
  readonly folderId: string | null;
}

/** What every item has. */
export interface Item {
  readonly id: string;
  readonly name: string;
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
export type TagItem = Item;
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
export interface PackageItem extends Item {
  readonly version: string | null;
}
export interface UserItem extends Item {
  readonly email: string;
  readonly role: string | null;
}
