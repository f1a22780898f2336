import type { Kind } from '../lib/kinds.ts';

/** What a key is used for: reading a backup, writing a restore, or n8n's own source-control pull. */
export type Use = 'read' | 'restore' | 'pull';

/**
 * The commands that talk to n8n, and what each uses the key for. Restore and pull save a snapshot before they begin.
 */
export const COMMAND_USES = {
  backup: ['read'],
  daemon: ['read'],
  diff: ['read'],
  check: ['read'],
  restore: ['read', 'restore'],
  pull: ['read', 'pull'],
} as const satisfies Record<string, readonly Use[]>;

export type ApiCommand = keyof typeof COMMAND_USES;

export interface ScopeNeed {
  readonly use: Use;
  readonly kind: Kind | 'source-control';
  /** As n8n names it in the dialog of an API key, and as `x-required-scope` in its openapi.yml (2.41.1). */
  readonly scope: string;
  /** What it is for, as the end of a sentence. */
  readonly purpose: string;
  /** The flag without which it is not needed. */
  readonly onlyWith?: '--prune' | '--install-packages' | '--invite-users' | '--rows replace';
  /** What is lost without it, where the command goes on; without this the kind is `unavailable`. */
  readonly without?: string;
}

/** Every scope that flowkeep uses: the one table behind `flowkeep check` and docs/api-key.md. */
export const SCOPE_NEEDS: readonly ScopeNeed[] = [
  { use: 'read', kind: 'workflows', scope: 'workflow:list', purpose: 'list workflows' },
  { use: 'read', kind: 'workflows', scope: 'workflow:read', purpose: 'read the description of a workflow' },
  {
    use: 'read',
    kind: 'credentials',
    scope: 'credential:list',
    purpose: 'list credentials (never their secrets)',
  },
  { use: 'read', kind: 'variables', scope: 'variable:list', purpose: 'list variables' },
  { use: 'read', kind: 'tags', scope: 'tag:list', purpose: 'list tags' },
  { use: 'read', kind: 'projects', scope: 'project:list', purpose: 'list projects' },
  {
    use: 'read',
    kind: 'projects',
    scope: 'user:list',
    purpose: 'list the members of a project',
    without: 'projects are saved without their members',
  },
  { use: 'read', kind: 'folders', scope: 'folder:list', purpose: 'list folders' },
  {
    use: 'read',
    kind: 'folders',
    scope: 'workflow:export',
    purpose: 'read in which folder each workflow lies (through a package export)',
    without: 'folders are saved, but not which workflows lie in them',
  },
  {
    use: 'read',
    kind: 'data-tables',
    scope: 'dataTable:list',
    purpose: 'list data tables and their columns',
  },
  { use: 'read', kind: 'data-tables', scope: 'dataTableRow:read', purpose: 'read rows' },
  {
    use: 'read',
    kind: 'community-packages',
    scope: 'communityPackage:list',
    purpose: 'list community packages',
  },
  { use: 'read', kind: 'users', scope: 'user:list', purpose: 'list users' },

  { use: 'restore', kind: 'workflows', scope: 'workflow:create', purpose: 'create workflows' },
  { use: 'restore', kind: 'workflows', scope: 'workflow:update', purpose: 'update workflows' },
  {
    use: 'restore',
    kind: 'workflows',
    scope: 'workflow:import',
    purpose: 'bring missing workflows back under their original ids (through a package import)',
    without: 'missing workflows come back under new ids, and references to them are rewritten',
  },
  { use: 'restore', kind: 'workflows', scope: 'workflow:activate', purpose: 'publish workflows' },
  { use: 'restore', kind: 'workflows', scope: 'workflow:deactivate', purpose: 'unpublish workflows' },
  {
    use: 'restore',
    kind: 'workflows',
    scope: 'workflow:move',
    purpose: 'put workflows back into their project',
  },
  {
    use: 'restore',
    kind: 'workflows',
    scope: 'workflow:delete',
    purpose: 'archive and unarchive workflows, and delete with --prune',
    without: 'the archive state stays as it is',
  },
  { use: 'restore', kind: 'credentials', scope: 'credential:create', purpose: 'create credentials' },
  { use: 'restore', kind: 'credentials', scope: 'credential:update', purpose: 'update credentials' },
  {
    use: 'restore',
    kind: 'credentials',
    scope: 'credential:move',
    purpose: 'put credentials back into their project',
  },
  {
    use: 'restore',
    kind: 'credentials',
    scope: 'credential:delete',
    purpose: 'delete credentials',
    onlyWith: '--prune',
  },
  { use: 'restore', kind: 'variables', scope: 'variable:create', purpose: 'create variables' },
  { use: 'restore', kind: 'variables', scope: 'variable:update', purpose: 'update variables' },
  {
    use: 'restore',
    kind: 'variables',
    scope: 'variable:delete',
    purpose: 'delete variables',
    onlyWith: '--prune',
  },
  { use: 'restore', kind: 'tags', scope: 'tag:create', purpose: 'create tags' },
  { use: 'restore', kind: 'tags', scope: 'tag:update', purpose: 'rename tags' },
  { use: 'restore', kind: 'tags', scope: 'workflowTags:update', purpose: 'assign tags to workflows' },
  { use: 'restore', kind: 'tags', scope: 'tag:delete', purpose: 'delete tags', onlyWith: '--prune' },
  { use: 'restore', kind: 'projects', scope: 'project:create', purpose: 'create projects' },
  { use: 'restore', kind: 'projects', scope: 'project:update', purpose: 'rename projects' },
  {
    use: 'restore',
    kind: 'projects',
    scope: 'project:manageMembers',
    purpose: 'add members to projects',
    without: 'members are not added',
  },
  {
    use: 'restore',
    kind: 'projects',
    scope: 'project:delete',
    purpose: 'delete projects',
    onlyWith: '--prune',
  },
  { use: 'restore', kind: 'folders', scope: 'folder:create', purpose: 'create folders' },
  { use: 'restore', kind: 'folders', scope: 'folder:update', purpose: 'rename and move folders' },
  { use: 'restore', kind: 'folders', scope: 'folder:delete', purpose: 'delete folders', onlyWith: '--prune' },
  { use: 'restore', kind: 'data-tables', scope: 'dataTable:create', purpose: 'create data tables' },
  { use: 'restore', kind: 'data-tables', scope: 'dataTable:update', purpose: 'rename data tables' },
  { use: 'restore', kind: 'data-tables', scope: 'dataTableColumn:create', purpose: 'add columns' },
  {
    use: 'restore',
    kind: 'data-tables',
    scope: 'dataTableColumn:update',
    purpose: 'rename and order columns',
  },
  { use: 'restore', kind: 'data-tables', scope: 'dataTableRow:create', purpose: 'insert rows' },
  {
    use: 'restore',
    kind: 'data-tables',
    scope: 'dataTableRow:delete',
    purpose: 'delete the rows that are replaced',
    onlyWith: '--rows replace',
  },
  {
    use: 'restore',
    kind: 'data-tables',
    scope: 'dataTable:delete',
    purpose: 'delete data tables',
    onlyWith: '--prune',
  },
  {
    use: 'restore',
    kind: 'community-packages',
    scope: 'communityPackage:install',
    purpose: 'install community packages',
    onlyWith: '--install-packages',
  },
  {
    use: 'restore',
    kind: 'users',
    scope: 'user:create',
    purpose: 'invite users',
    onlyWith: '--invite-users',
  },

  { use: 'pull', kind: 'source-control', scope: 'sourceControl:pull', purpose: 'pull' },
  {
    use: 'pull',
    kind: 'source-control',
    scope: 'sourceControl:read',
    purpose: 'preview the pull',
    without: 'the pull is not previewed',
  },
];

/** What a command needs for these kinds, in the order of the table. */
export function needsOf(command: ApiCommand, kinds: readonly Kind[]): readonly ScopeNeed[] {
  const uses: readonly Use[] = COMMAND_USES[command];
  return SCOPE_NEEDS.filter(
    ({ use, kind }) => uses.includes(use) && (kind === 'source-control' || kinds.includes(kind)),
  );
}

/** What a command needs and a key with these scopes lacks. */
export function missingNeeds(
  command: ApiCommand,
  kinds: readonly Kind[],
  granted: readonly string[],
): readonly ScopeNeed[] {
  return needsOf(command, kinds).filter(({ scope }) => !granted.includes(scope));
}

/** The scopes that a key has and none of these commands uses: a key that can do less is safer to keep. */
export function needlessScopes(
  commands: readonly ApiCommand[],
  kinds: readonly Kind[],
  granted: readonly string[],
): readonly string[] {
  const used = new Set(commands.flatMap((command) => needsOf(command, kinds)).map(({ scope }) => scope));
  return granted.filter((scope) => !used.has(scope));
}
