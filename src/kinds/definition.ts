/** What flowkeep must know of a kind beyond its behaviour. definitions.ts holds one record for each kind. */
export interface KindDefinition {
  /** `data table` and `data tables`, in messages. */
  readonly singular: string;
  readonly plural: string;
  /** Instead of `singular` where room is short: in the table of a restore plan. */
  readonly short?: string;
  /** Other words that `--only` takes for it; case, dashes, blanks and a final `s` never count. */
  readonly aliases: readonly string[];
  /** `list`: all items in `<kind>.json`, sorted. `files`: `<kind>/<slug>.<id>…`, a file or a folder for each item. */
  readonly stored: 'list' | 'files';
  /** The path below /api/v1 that lists it; one item is at `<path>/<id>`. */
  readonly path: string;
  /** `pages`: with `limit` and a cursor. `whole`: a bare array. `per-project`: `path` has a project's id in it. */
  readonly listed: 'pages' | 'whole' | 'per-project';
  /** The members of a stored item that identify it and that name it for people. */
  readonly idMember: string;
  readonly nameMember: string;
  /** Its place in a restore: after every kind that it may refer to. Deletions run in reverse. */
  readonly restoreOrder: number;
  /** What n8n keeps unique: an item of the target with the same is taken for the snapshot's. null: nothing. */
  readonly unique: UniqueRule | null;
  readonly newId: NewIdRule;
  /** Whether `--prune` may delete items that the snapshot lacks. */
  readonly prunable: boolean;
  /** The flag without which a restore leaves items that are missing or differ as they are; null: none is needed. */
  readonly restoreFlag: '--install-packages' | '--invite-users' | null;
  /** Whether it is read and restored unless asked otherwise. Personal data is not. */
  readonly byDefault: boolean;
  /** Whether people can have pasted a secret into an item, so that its files are searched for them. */
  readonly mayHoldSecrets: boolean;
  /** Whether its items are shown with their ids in a restore plan. */
  readonly showsId: boolean;
  /** The members that the page of a snapshot shows beside the name; null: items are not shown there. */
  readonly pageMembers: readonly string[] | null;
  /** The scopes of a key that reading and restoring it need: `flowkeep check` and docs/api-key.md follow from them. */
  readonly scopes: { readonly read: readonly KindScope[]; readonly restore: readonly KindScope[] };
}

/**
 * `name-in-project`: each project has its own. `name-in-scope`: as well, and global ones are apart from all projects.
 */
export type UniqueRule = 'name' | 'name-ignoring-case' | 'name-in-project' | 'name-in-scope';

/**
 * Which id a missing item comes back under. `name`: its name is its id. `new`: one of n8n's, and nothing refers to it.
 * `package`: its own where the target takes package imports. `own`: its own, through the API or a package.
 */
export type NewIdRule = 'name' | 'new' | 'package' | 'own';

export interface KindScope {
  /** As n8n names it in the dialog of an API key, and as `x-required-scope` in its openapi.yml (2.41.1). */
  readonly scope: string;
  /** What it is for, as the end of a sentence. */
  readonly purpose: string;
  /** The flag without which it is not needed. */
  readonly onlyWith?: '--prune' | '--install-packages' | '--invite-users' | '--rows replace';
  /** What is lost without it, where the command goes on; without this the kind is `unavailable`. */
  readonly without?: string;
}

/** A scope of a kind: its name, what it is for, and what is special about it. */
export function scope(name: string, purpose: string, more: Pick<KindScope, 'onlyWith' | 'without'> = {}): KindScope {
  return { scope: name, purpose, ...more };
}
