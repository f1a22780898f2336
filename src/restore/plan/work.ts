import type { Kind } from '../../kinds/kinds.ts';

/** What apply does for a created or updated item. `work.kind` equals the action's kind. Ids are those of the source. */
export type Work = SpecialWork | PlainWork;
type SpecialWork =
  | WorkflowWork
  | CredentialWork
  | ProjectWork
  | TableWork
  | { readonly kind: 'variables'; readonly projectId: string | null }
  | { readonly kind: 'folders'; readonly projectId: string; readonly parentFolderId: string | null }
  | { readonly kind: 'users'; readonly email: string; readonly role: string | null };

/** Of any other kind: what is written, by the names of the plan, such as a package's `version`. */
export interface PlainWork {
  readonly kind: Exclude<Kind, SpecialWork['kind']>;
  readonly [member: string]: string | null;
}

/** The work of one kind. */
export type WorkOf<K extends Kind> = K extends SpecialWork['kind'] ? Extract<SpecialWork, { kind: K }> : PlainWork;

export interface WorkflowWork {
  readonly kind: 'workflows';
  /** Members of the draft to write; all that the snapshot has, for a new workflow. */
  readonly draft: readonly DraftField[];
  /** The project to create it in or to move it to (`move`); null: the caller's personal project. */
  readonly projectId: string | null;
  readonly folderId: string | null;
  /** What of its place differs; both false for a new workflow, which is created in its place. */
  readonly move: { readonly project: boolean; readonly folder: boolean };
  /** Tags that it shall have in the end, by id; null: leave its tags alone. */
  readonly tags: readonly string[] | null;
  readonly live: LiveWork;
  /**
   * `unarchive`: before anything else; `archive`: after everything else; `around`: it is archived, stays so, and must
   * be unarchived while it is written.
   */
  readonly archive: 'none' | 'archive' | 'unarchive' | 'around';
}

export type LiveWork =
  /** Whether and which version is live is not changed. A new workflow remains unpublished. */
  | { readonly do: 'keep' }
  /** `version` says which content becomes live: the snapshot's draft, or its separate published version. */
  | { readonly do: 'publish'; readonly version: 'draft' | 'published' }
  | { readonly do: 'unpublish' }
  /** It would be published, but for this. */
  | { readonly do: 'blocked'; readonly reason: string; readonly remedy: string };

export interface CredentialWork {
  readonly kind: 'credentials';
  readonly type: string;
  readonly projectId: string | null;
  /** Whether `--credentials-file` has its data. Without it, a new one is a stub and an existing secret is kept. */
  readonly filled: boolean;
}

export interface ProjectWork {
  readonly kind: 'projects';
  /** Members to add or whose role to change. The user exists on the target, or is invited (`userId` null). */
  readonly members: readonly {
    readonly userId: string | null;
    readonly email: string | null;
    readonly role: string;
    readonly do: 'add' | 'change-role';
  }[];
}

export interface TableWork {
  readonly kind: 'data-tables';
  readonly projectId: string | null;
  /** Columns to add, in order; for a new table all of them. */
  readonly addColumns: readonly TableColumn[];
  readonly rows: RowsWork;
}

export interface TableColumn {
  readonly name: string;
  readonly type: string;
}

export type RowsWork =
  | { readonly do: 'keep' }
  /** Delete rows with an id up to `deleteUpToId` (null: none there), then insert all of the snapshot's. */
  | { readonly do: 'replace'; readonly deleteUpToId: number | null; readonly rows: number }
  /** Insert those of the snapshot's rows that are not there. `rows`: how many. */
  | { readonly do: 'append'; readonly rows: number };

/** Members of a workflow's draft that `PUT /workflows/{id}` writes. */
export type DraftField =
  'name' | 'description' | 'nodes' | 'connections' | 'nodeGroups' | 'settings' | 'pinData' | 'staticData';
