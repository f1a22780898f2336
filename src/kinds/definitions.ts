// The kinds of items that n8n has: one definition for each, from which words, paths, scopes and order are
// taken everywhere, and what of an item is checked and kept. Reading and restoring whole kinds belongs in
// `snapshot/collect` and `restore/`.

import { scope, type KindDefinition } from './definition.ts';

/** What holds for most kinds; a definition names what is different. */
const USUAL = {
  aliases: [],
  idMember: 'id',
  nameMember: 'name',
  prunable: true,
  restoreFlag: null,
  byDefault: true,
  showsId: true,
} as const satisfies Partial<KindDefinition>;

/**
 * The kinds of items, in the order in which they are read and printed: the one place that says what a kind is. How it
 * is read, planned, applied and compared are four records that the compiler holds against this one
 * (docs/adding-a-kind.md).
 */
const DEFINITIONS = {
  workflows: {
    ...USUAL,
    singular: 'workflow',
    plural: 'workflows',
    stored: 'files',
    path: '/workflows',
    listed: 'pages',
    restoreOrder: 90,
    unique: null,
    newId: 'package',
    mayHoldSecrets: true,
    pageMembers: [],
    scopes: {
      read: [scope('workflow:list', 'list workflows'), scope('workflow:read', 'read the description of a workflow')],
      restore: [
        scope('workflow:create', 'create workflows'),
        scope('workflow:update', 'update workflows'),
        scope('workflow:import', 'restore missing workflows under their original ids (through a package import)', {
          without: 'missing workflows are restored under new ids, and references to them are rewritten',
        }),
        scope('workflow:activate', 'publish workflows'),
        scope('workflow:deactivate', 'unpublish workflows'),
        scope('workflow:move', 'move workflows to their project'),
        scope('workflow:delete', 'archive and unarchive workflows, and delete with --prune', {
          without: 'the archive state is not changed',
        }),
      ],
    },
  },
  credentials: {
    ...USUAL,
    singular: 'credential',
    plural: 'credentials',
    stored: 'files',
    path: '/credentials',
    listed: 'pages',
    restoreOrder: 70,
    unique: null,
    newId: 'own',
    mayHoldSecrets: false,
    pageMembers: ['type'],
    scopes: {
      read: [scope('credential:list', 'list credentials (never their secrets)')],
      restore: [
        scope('credential:create', 'create credentials'),
        scope('credential:update', 'update credentials'),
        scope('credential:move', 'move credentials to their project'),
        scope('credential:delete', 'delete credentials', { onlyWith: '--prune' }),
      ],
    },
  },
  variables: {
    ...USUAL,
    singular: 'variable',
    plural: 'variables',
    stored: 'list',
    path: '/variables',
    listed: 'pages',
    nameMember: 'key',
    restoreOrder: 60,
    unique: 'name-in-scope',
    newId: 'new',
    mayHoldSecrets: true,
    // The value of a variable may be meant for few eyes; a page travels.
    pageMembers: ['type'],
    scopes: {
      read: [scope('variable:list', 'list variables')],
      restore: [
        scope('variable:create', 'create variables'),
        scope('variable:update', 'update variables'),
        scope('variable:delete', 'delete variables', { onlyWith: '--prune' }),
      ],
    },
  },
  tags: {
    ...USUAL,
    singular: 'tag',
    plural: 'tags',
    stored: 'list',
    path: '/tags',
    listed: 'pages',
    restoreOrder: 50,
    unique: 'name',
    newId: 'package',
    mayHoldSecrets: false,
    pageMembers: [],
    scopes: {
      read: [scope('tag:list', 'list tags')],
      restore: [
        scope('tag:create', 'create tags'),
        scope('tag:update', 'rename tags'),
        scope('workflowTags:update', 'assign tags to workflows'),
        scope('tag:delete', 'delete tags', { onlyWith: '--prune' }),
      ],
    },
  },
  projects: {
    ...USUAL,
    singular: 'project',
    plural: 'projects',
    stored: 'list',
    path: '/projects',
    listed: 'pages',
    restoreOrder: 30,
    unique: null,
    newId: 'package',
    mayHoldSecrets: true,
    pageMembers: ['type'],
    scopes: {
      read: [
        scope('project:list', 'list projects'),
        scope('user:list', 'list the members of a project', {
          without: 'projects are saved without their members',
        }),
      ],
      restore: [
        scope('project:create', 'create projects'),
        scope('project:update', 'rename projects'),
        scope('project:manageMembers', 'add members to projects', { without: 'members are not added' }),
        scope('project:delete', 'delete projects', { onlyWith: '--prune' }),
      ],
    },
  },
  folders: {
    ...USUAL,
    singular: 'folder',
    plural: 'folders',
    stored: 'list',
    path: '/projects/{projectId}/folders',
    listed: 'per-project',
    restoreOrder: 40,
    unique: null,
    newId: 'package',
    mayHoldSecrets: false,
    pageMembers: [],
    scopes: {
      read: [
        scope('folder:list', 'list folders'),
        scope('workflow:export', 'read the folder of each workflow (through a package export)', {
          without: 'folders are saved, but not which workflows they contain',
        }),
      ],
      restore: [
        scope('folder:create', 'create folders'),
        scope('folder:update', 'rename and move folders'),
        scope('folder:delete', 'delete folders', { onlyWith: '--prune' }),
      ],
    },
  },
  'data-tables': {
    ...USUAL,
    singular: 'data table',
    plural: 'data tables',
    aliases: ['table'],
    stored: 'files',
    path: '/data-tables',
    listed: 'pages',
    restoreOrder: 80,
    unique: 'name-in-project',
    newId: 'package',
    mayHoldSecrets: true,
    pageMembers: [],
    scopes: {
      read: [scope('dataTable:list', 'list data tables and their columns'), scope('dataTableRow:read', 'read rows')],
      restore: [
        scope('dataTable:create', 'create data tables'),
        scope('dataTable:update', 'rename data tables'),
        scope('dataTableColumn:create', 'add columns'),
        scope('dataTableColumn:update', 'rename and order columns'),
        scope('dataTableRow:create', 'insert rows'),
        scope('dataTableRow:delete', 'delete the rows that are replaced', { onlyWith: '--rows replace' }),
        scope('dataTable:delete', 'delete data tables', { onlyWith: '--prune' }),
      ],
    },
  },
  'community-packages': {
    ...USUAL,
    singular: 'community package',
    plural: 'community packages',
    short: 'package',
    aliases: ['package'],
    stored: 'list',
    path: '/community-packages',
    listed: 'whole',
    idMember: 'packageName',
    nameMember: 'packageName',
    restoreOrder: 10,
    unique: null,
    newId: 'name',
    // Nodes of other workflows may come from it.
    prunable: false,
    restoreFlag: '--install-packages',
    mayHoldSecrets: false,
    showsId: false,
    pageMembers: ['installedVersion'],
    scopes: {
      read: [scope('communityPackage:list', 'list community packages')],
      restore: [scope('communityPackage:install', 'install community packages', { onlyWith: '--install-packages' })],
    },
  },
  // An inventory: email and role.
  users: {
    ...USUAL,
    singular: 'user',
    plural: 'users',
    stored: 'list',
    path: '/users',
    listed: 'pages',
    nameMember: 'email',
    restoreOrder: 20,
    unique: 'name-ignoring-case',
    newId: 'new',
    prunable: false,
    restoreFlag: '--invite-users',
    byDefault: false,
    mayHoldSecrets: false,
    showsId: false,
    pageMembers: null,
    scopes: {
      read: [scope('user:list', 'list users')],
      restore: [scope('user:create', 'invite users', { onlyWith: '--invite-users' })],
    },
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;

export type Kind = keyof typeof DEFINITIONS;

/** The kinds whose items are all in one file. */
export type ListKind = { [K in Kind]: (typeof DEFINITIONS)[K]['stored'] extends 'list' ? K : never }[Kind];

/** The kinds whose items people can have pasted a secret into. */
export type SecretKind = {
  [K in Kind]: (typeof DEFINITIONS)[K]['mayHoldSecrets'] extends true ? K : never;
}[Kind];

/** What there is to know of each kind. */
export const KIND: Readonly<Record<Kind, KindDefinition>> = DEFINITIONS;

export const KINDS = Object.keys(DEFINITIONS) as [Kind, ...Kind[]];

/** The kinds that a backup reads unless the config says otherwise: all but users, which are personal data. */
export const DEFAULT_KINDS: readonly Kind[] = KINDS.filter((kind) => KIND[kind].byDefault);

/** What a workflow needs for its nodes, beside what it refers to: the packages that bring their types. */
export const NODE_PACKAGES = 'community-packages' satisfies Kind;
