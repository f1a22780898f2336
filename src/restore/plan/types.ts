import type { Kind } from '../../kinds/kinds.ts';
import type { Finding } from './review/finding.ts';
import type { DraftField, Work } from './work.ts';

/**
 * The contract between the plan, which is pure, and apply, which does exactly the plan. A Plan is plain JSON: the plan
 * file is one, and two plans are equal when their canonical texts are.
 */

/** What restore was asked to do: the command line, checked. */
export interface RestoreOptions {
  /** `--only`, as typed; empty: everything. */
  readonly only: readonly string[];
  /** false with `--no-deps`. */
  readonly deps: boolean;
  /** What becomes of an item that exists and differs: update it, leave it, or stop before anything is written. */
  readonly onConflict: 'new-version' | 'skip' | 'fail';
  readonly publish: 'match-source' | 'preserve' | 'none';
  readonly prune: boolean;
  readonly rows: 'replace' | 'append';
  readonly installPackages: boolean;
  readonly inviteUsers: boolean;
}

export const DEFAULT_OPTIONS: RestoreOptions = {
  only: [],
  deps: true,
  onConflict: 'new-version',
  publish: 'match-source',
  prune: false,
  rows: 'replace',
  installPackages: false,
  inviteUsers: false,
};

/** What the target can do, probed before planning. */
export interface Capabilities {
  /** Whether it takes package imports, so that missing items come back under their original ids. */
  readonly packages: boolean;
  /** Whether `POST /credentials` takes an `id`. */
  readonly credentialIds: boolean;
  /** The settings of workflows that it accepts, by its own specification; null where it does not serve one. */
  readonly settings: readonly string[] | null;
}

/** That an item of the snapshot has another id on the target. `to` null: the caller's own personal project. */
export interface IdPair {
  readonly kind: Kind;
  readonly from: string;
  readonly to: string | null;
}

/** Why an item of the target counts as the snapshot's. `personal`: the personal project of the same owner. */
export type MatchedBy = 'id' | 'mapping' | 'name' | 'personal' | 'adopted';

/** How a missing item comes back. */
export interface NewIdentity {
  readonly as: 'original-id' | 'new-id';
  /** Why, for people: "package import", "the target does not support package import". */
  readonly why: string;
}

/** One difference, separate so that apply writes just this. `from` and `to` are short texts for people. */
export interface Change {
  readonly field: ChangeField;
  readonly from?: string;
  readonly to?: string;
}

/**
 * workflows: the members of the draft, `tags`, `folder`, `project`, `live` (which version is live, or none),
 * `archived`; credentials: `name`, `secret` (from the credentials file); variables: `key`, `value`, `type`,
 * `project`; tags: `name`; projects: `name`, `members`; folders: `name`, `parent`; data-tables: `name`, `columns`,
 * `rows`; packages of nodes: `version`.
 */
export type ChangeField =
  | DraftField
  | 'tags'
  | 'folder'
  | 'project'
  | 'live'
  | 'archived'
  | 'secret'
  | 'key'
  | 'value'
  | 'type'
  | 'members'
  | 'parent'
  | 'columns'
  | 'rows'
  | 'version';

/** A problem with an item that does not stop the plan. `code` is for scripts. */
export interface Note {
  readonly code:
    | 'dangling' // refers to an item that will not be on the target
    | 'unresolvable' // a reference in an expression, never guessed
    | 'mentions-id' // plain text that contains a replaced workflow id
    | 'missing-node-type' // a node of a community package that the target lacks
    | 'missing-member' // a project member who is no user of the target
    | 'stub' // a credential that needs its secret
    | 'placed-elsewhere' // its project or folder is not to be had
    | 'not-restorable' // a difference that the public API cannot write
    | 'column' // a column of a data table that stays as it is
    | 'carried-over' // from an older snapshot
    | 'typed-marker' // a text that looks like a redacted secret, and is what n8n had
    | 'by-hand'; // the snapshot's store omitted something that the target does not have
  readonly message: string;
}

/**
 * `workflows:abc`: names an action within its plan; made of the kind and the source id (of a deletion, the target's).
 */
export type ActionKey = string;

/** What of an item on the target the snapshot's store withheld, so that it is not known whether it is as it was. */
export interface Withheld {
  /** Texts of which a part was taken from the target. */
  readonly texts: number;
  /** Texts that are known to differ, and stay in part or as a whole as the target has them: their secret is not found. */
  readonly kept: number;
  /** What else was: `the value`, `pinned data`. */
  readonly others: readonly string[];
}

interface Head {
  readonly key: ActionKey;
  readonly kind: Kind;
  readonly name: string;
  /** One phrase for people: "missing on the target", "nodes and tags differ". */
  readonly why: string;
  /** Names of the items that brought it along; empty where it was chosen itself. */
  readonly neededBy: readonly string[];
  readonly notes: readonly Note[];
  /** What was withheld from the snapshot, and could not be compared. Absent where nothing was. */
  readonly withheld?: Withheld;
}

interface SourceHead extends Head {
  /** The item's id in the snapshot; a community package's name. */
  readonly sourceId: string;
}

/** Actions whose failure makes this one pointless, because they make the place of this item. */
interface Depends {
  readonly dependsOn: readonly ActionKey[];
}

export interface CreateAction extends SourceHead, Depends {
  readonly verb: 'create';
  readonly identity: NewIdentity;
  readonly work: Work;
}

export interface UpdateAction extends SourceHead, Depends {
  readonly verb: 'update';
  readonly targetId: string;
  readonly matchedBy: MatchedBy;
  readonly changes: readonly Change[];
  readonly work: Work;
}

export interface UnchangedAction extends SourceHead {
  /** As in the snapshot; as far as can be told where `withheld` is there. */
  readonly verb: 'unchanged';
  readonly targetId: string;
  readonly matchedBy: MatchedBy;
}

/** Left alone on purpose: `--on-conflict skip`, or an option that was not given. */
export interface SkipAction extends SourceHead {
  readonly verb: 'skip';
  readonly targetId: string | null;
  readonly changes: readonly Change[];
}

/** Only with `--prune`: an item of the target that the snapshot does not hold. */
export interface DeleteAction extends Head {
  readonly verb: 'delete';
  readonly targetId: string;
  /** A live workflow is unpublished before others are published: it may hold their webhook paths. */
  readonly live: boolean;
}

/** Cannot be done, with what the user can do about it. */
export interface BlockedAction extends SourceHead {
  readonly verb: 'blocked';
  readonly targetId: string | null;
  readonly remedy: string | null;
}

export type Action = CreateAction | UpdateAction | UnchangedAction | SkipAction | DeleteAction | BlockedAction;
export type Verb = Action['verb'];
/** The actions that write an item of the snapshot. */
export type WriteAction = CreateAction | UpdateAction;

/** Workflows whose live versions call each other; a group of one is `cyclic` where it calls itself. */
export interface PublishGroup {
  /** Source ids. */
  readonly workflows: readonly string[];
  readonly cyclic: boolean;
}

/**
 * The target goes by the name of the snapshot's instance and is another server: with items of the snapshot, or with
 * none of them.
 */
export type OtherServer = 'moved' | 'foreign';

/** What is done, in which order. */
export interface Plan {
  /** Only where the snapshot is not taken for what flowkeep saved, and it was to be restored all the same: why. */
  readonly unverified?: readonly string[];
  /** Only where the target is not empty and is another server than the snapshot's. */
  readonly otherServer?: OtherServer;
  readonly snapshot: { readonly id: string; readonly takenAt: string; readonly instance: string };
  readonly target: {
    readonly instance: string;
    readonly url: string;
    readonly n8nVersion: string | null;
    /** Names the target's state that the plan was made for (targetDigest in plan-file.ts). */
    readonly digest: string;
  };
  readonly options: RestoreOptions;
  readonly capabilities: Capabilities;
  /** In the order in which they are done; deletions last. Tags, publishing and archiving follow after all others. */
  readonly actions: readonly Action[];
  /** Workflows to publish, those that are called first. */
  readonly publishGroups: readonly PublishGroup[];
  /** Items that are on the target under another id. Those that apply creates with a new id come on top. */
  readonly ids: readonly IdPair[];
  /** What a person should look at first: what workflows could do after the plan and not before. */
  readonly review: readonly Finding[];
  /** What concerns the plan as a whole, for people. */
  readonly warnings: readonly string[];
}
