import type { JsonObject } from '../../../src/lib/json/json.ts';
import type { Ids } from './ids.ts';
import type { RowTable } from './row-table.ts';

/** What the stand-in holds: the tables of an n8n database, as far as the public API shows them. */
export interface State {
  readonly options: StateOptions;
  readonly ids: Ids;
  /** The time now, as ISO text. */
  readonly timestamp: () => string;
  readonly owner: User;
  readonly keys: Map<string, readonly string[]>;
  readonly users: Map<string, User>;
  readonly projects: Map<string, Project>;
  readonly folders: Map<string, Folder>;
  readonly tags: Map<string, Tag>;
  readonly credentials: Map<string, Credential>;
  readonly variables: Map<string, Variable>;
  readonly dataTables: Map<string, DataTable>;
  readonly workflows: Map<string, Workflow>;
  communityPackages: JsonObject[];
  /** The order of listings: n8n's own, or another one that a test may change between two pages. */
  listingOrder: ListingOrder;
  publishEvents: number;
}

export type ListingOrder = 'n8n' | 'insertion' | 'name' | 'updatedAt';

export interface StateOptions {
  readonly licensed: boolean;
  /** `old` answers like n8n 1.x: no /discover, packages, data tables or folders, and no GET /credentials. */
  readonly version: 'current' | 'old';
  /** Whether the endpoints of n8n-packages exist. */
  readonly packages: boolean;
  /** What `sourceN8nVersion` of an exported package and the editor's page say. */
  readonly n8nVersion: string;
}

export interface Stamped {
  createdAt: string;
  updatedAt: string;
}

export interface User extends Stamped {
  readonly id: string;
  email: string;
  firstName: string | null;
  lastName: string | null;
  isPending: boolean;
  role: string;
}

export interface Project extends Stamped {
  readonly id: string;
  name: string;
  type: 'personal' | 'team';
  icon: JsonObject | null;
  description: string | null;
  creatorId: string;
  /** User id to project role. */
  readonly members: Map<string, string>;
}

export interface Folder extends Stamped {
  readonly id: string;
  name: string;
  readonly projectId: string;
  parentFolderId: string | null;
}

export interface Tag extends Stamped {
  readonly id: string;
  name: string;
}

export interface Credential extends Stamped {
  readonly id: string;
  name: string;
  type: string;
  data: JsonObject;
  /** Made by a package import without its secret. */
  isStub: boolean;
  projectId: string;
  sharedAt: string;
}

export interface Variable {
  readonly id: string;
  key: string;
  value: string;
  type: string;
  projectId: string | null;
}

export interface DataTable extends Stamped {
  readonly id: string;
  name: string;
  readonly projectId: string;
  columns: Column[];
  readonly rows: RowTable;
}

export interface Column extends Stamped {
  readonly id: string;
  name: string;
  readonly type: ColumnType;
  index: number;
}

export type ColumnType = 'string' | 'number' | 'boolean' | 'date';

/** The versioned part of a workflow: draft and live version may differ in it. */
export interface WorkflowContent {
  nodes: JsonObject[];
  connections: JsonObject;
  nodeGroups: JsonObject[];
}

export interface WorkflowVersion extends Stamped, WorkflowContent {
  readonly versionId: string;
  readonly authors: string;
  name: string | null;
  description: string | null;
}

export interface Workflow extends Stamped {
  readonly id: string;
  name: string;
  description: string | null;
  isArchived: boolean;
  /** The draft's version. */
  versionId: string;
  /** The live version, or null. */
  activeVersionId: string | null;
  versionCounter: number;
  sourceWorkflowId: string | null;
  triggerCount: number;
  settings: JsonObject;
  staticData: JsonObject | null;
  pinData: JsonObject | null;
  meta: JsonObject | null;
  readonly versions: Map<string, WorkflowVersion>;
  readonly publishHistory: PublishEvent[];
  tagIds: string[];
  projectId: string;
  parentFolderId: string | null;
  sharedAt: string;
}

export interface PublishEvent {
  readonly id: number;
  readonly versionId: string;
  readonly event: 'activated' | 'deactivated';
  readonly createdAt: string;
}

/** The version that the draft of a workflow is. */
export function draftOf(workflow: Workflow): WorkflowVersion {
  const draft = workflow.versions.get(workflow.versionId);
  if (draft === undefined) throw new Error(`the stand-in lost version ${workflow.versionId} of ${workflow.id}`);
  return draft;
}

/** The owner's personal project: where everything lands that names no project. */
export function personalProject(state: State): Project {
  for (const project of state.projects.values()) {
    if (project.type === 'personal' && project.creatorId === state.owner.id) return project;
  }
  throw new Error('the stand-in lost the personal project of its owner');
}

export function createState(options: StateOptions, ids: Ids, now: () => number): State {
  const timestamp = () => new Date(now()).toISOString();
  const owner: User = {
    ...stamps(timestamp()),
    id: ids.uuid(),
    email: 'owner@flowkeep.test',
    firstName: 'Olga',
    lastName: 'Owner',
    isPending: false,
    role: 'global:owner',
  };
  const state: State = {
    options,
    ids,
    timestamp,
    owner,
    keys: new Map(),
    users: new Map([[owner.id, owner]]),
    projects: new Map(),
    folders: new Map(),
    tags: new Map(),
    credentials: new Map(),
    variables: new Map(),
    dataTables: new Map(),
    workflows: new Map(),
    communityPackages: [],
    listingOrder: 'n8n',
    publishEvents: 0,
  };
  addPersonalProject(state, owner);
  return state;
}

/** Every user has a project of their own, named after them. */
export function addPersonalProject(state: State, user: User): Project {
  const name = [user.firstName, user.lastName, `<${user.email}>`].filter((part) => part !== null).join(' ');
  const id = state.ids.nano();
  const members = new Map([[user.id, 'project:personalOwner']]);
  const project: Project = {
    ...stamps(state.timestamp()),
    id,
    name,
    type: 'personal',
    icon: null,
    description: null,
    creatorId: user.id,
    members,
  };
  state.projects.set(id, project);
  return project;
}

/** Creation and change at the same instant. */
export function stamps(timestamp: string): Stamped {
  return { createdAt: timestamp, updatedAt: timestamp };
}
