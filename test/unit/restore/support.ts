import { canonicalJson, canonicalJsonLine, type Json, type JsonObject } from '../../../src/lib/json/json.ts';
import { KINDS, type Kind } from '../../../src/kinds/kinds.ts';
import type { KindHeader, SnapshotHeader } from '../../../src/snapshot/format/header.ts';
import {
  credentialPath,
  credentialSchemaPath,
  dataTableFolder,
  listPath,
  publishedPath,
  rowsFile,
  workflowPath,
  workflowStatePath,
} from '../../../src/snapshot/format/paths.ts';
import type { PlanInput } from '../../../src/restore/plan/context.ts';
import type { SnapshotModel } from '../../../src/restore/model/model.ts';
import { memoryFile, type SpooledFile } from '../../../src/lib/spool.ts';
import { liveView, type SnapshotView } from '../../../src/snapshot/format/snapshot-view.ts';
import { planRestore } from '../../../src/restore/plan/plan.ts';
import { readModel } from '../../../src/restore/model/read-model.ts';
import { References } from '../../../src/restore/model/references.ts';
import {
  DEFAULT_OPTIONS,
  type Action,
  type Plan,
  type RestoreOptions,
  type Verb,
} from '../../../src/restore/plan/types.ts';
import type { WorkflowWork } from '../../../src/restore/plan/work.ts';

/** An instance in few words: what is not said has n8n's usual value. */
export interface Instance {
  readonly workflows?: readonly WorkflowSpec[];
  readonly credentials?: readonly {
    readonly id: string;
    readonly name: string;
    readonly type?: string;
    readonly projectId?: string;
  }[];
  readonly schemas?: Readonly<Record<string, JsonObject>>;
  readonly variables?: readonly {
    readonly id: string;
    readonly key: string;
    readonly value?: string;
    readonly projectId?: string;
  }[];
  readonly tags?: readonly { readonly id: string; readonly name: string }[];
  readonly projects?: readonly {
    readonly id: string;
    readonly name: string;
    readonly type?: 'team' | 'personal';
    readonly members?: readonly { readonly id: string; readonly email: string; readonly role: string }[];
  }[];
  readonly folders?: readonly {
    readonly id: string;
    readonly name: string;
    readonly projectId: string;
    readonly parentFolderId?: string;
  }[];
  readonly tables?: readonly {
    readonly id: string;
    readonly name: string;
    readonly projectId?: string;
    readonly columns?: Readonly<Record<string, string>>;
    readonly rows?: readonly JsonObject[];
  }[];
  readonly packages?: readonly { readonly name: string; readonly version: string }[];
  readonly users?: readonly { readonly id: string; readonly email: string }[];
  readonly kinds?: Readonly<Partial<Record<Kind, Partial<KindHeader> | null>>>;
  readonly name?: string;
  readonly n8nVersion?: string;
}

export interface WorkflowSpec {
  readonly id: string;
  readonly name?: string;
  readonly nodes?: readonly Json[];
  readonly draft?: JsonObject;
  /** Nodes of a live version that is not the draft. */
  readonly publishedNodes?: readonly Json[];
  readonly active?: boolean;
  readonly archived?: boolean;
  readonly settings?: JsonObject;
  readonly tags?: readonly string[];
  readonly projectId?: string;
  readonly folderId?: string;
  readonly staticData?: JsonObject;
}

export const PERSONAL = {
  id: 'personal00000001',
  name: 'Jane Doe <jane@example.com>',
  type: 'personal',
} as const;

/** A node that calls a workflow, as the editor saves it. */
export function callNode(id: string, more: JsonObject = {}): JsonObject {
  const workflowId = {
    __rl: true,
    value: id,
    mode: 'list',
    cachedResultName: 'x',
    cachedResultUrl: `/workflow/${id}`,
  };
  return {
    id: `node-${id}`,
    name: `Call ${id}`,
    type: 'n8n-nodes-base.executeWorkflow',
    typeVersion: 1.2,
    parameters: { source: 'database', workflowId },
    ...more,
  };
}

export function webhookNode(path: string, method = 'GET'): JsonObject {
  return {
    id: `hook-${path}`,
    name: 'Webhook',
    type: 'n8n-nodes-base.webhook',
    webhookId: `id-of-${path}`,
    parameters: { path, httpMethod: method },
  };
}

/** The snapshot of an instance, read into a model. */
export async function modelOf(instance: Instance): Promise<SnapshotModel> {
  return readModel(viewOf(instance));
}

/** The files of a snapshot of an instance, made as docs/snapshot-format.md says. */
export function viewOf(instance: Instance): SnapshotView {
  const files = new Map<string, SpooledFile>();
  const put = (path: string, value: unknown): void => {
    files.set(path, memoryFile(Buffer.from(canonicalJson(value))));
  };
  for (const workflow of instance.workflows ?? []) putWorkflow(put, instance, workflow);
  for (const { projectId = PERSONAL.id, type = 'httpHeaderAuth', ...credential } of instance.credentials ?? [])
    put(credentialPath(credential.name, credential.id), {
      ...credential,
      type,
      shared: [{ id: projectId, name: 'p', role: 'credential:owner' }],
    });
  for (const [type, schema] of Object.entries(instance.schemas ?? {})) put(credentialSchemaPath(type), schema);
  put(
    listPath('variables'),
    (instance.variables ?? []).map(({ projectId, ...variable }) => ({
      type: 'string',
      value: '',
      ...variable,
      project: projectId === undefined ? null : { id: projectId, name: 'p', type: 'team' },
    })),
  );
  put(listPath('tags'), instance.tags ?? []);
  put(
    listPath('projects'),
    (instance.projects ?? [PERSONAL]).map((project) => ({ type: 'team', members: [], ...project })),
  );
  put(listPath('folders'), {
    folders: (instance.folders ?? []).map((folder) => ({ parentFolderId: null, ...folder })),
    workflows: Object.fromEntries(
      (instance.workflows ?? []).flatMap(({ id, folderId }) => (folderId === undefined ? [] : [[id, folderId]])),
    ),
  });
  for (const table of instance.tables ?? []) putTable(files, put, table);
  put(
    listPath('community-packages'),
    (instance.packages ?? []).map(({ name, version }) => ({ packageName: name, installedVersion: version })),
  );
  if (instance.users) put(listPath('users'), instance.users);
  return liveView(headerOf(instance), files, '2026-01-02T03:04:05Z');
}

type Put = (path: string, value: unknown) => void;

function putWorkflow(put: Put, instance: Instance, spec: WorkflowSpec): void {
  const { id, name = `Workflow ${id}`, nodes = [], active = false, archived = false } = spec;
  const tags = (instance.tags ?? []).filter((tag) => spec.tags?.includes(tag.id));
  put(workflowPath(name, id), {
    id,
    name,
    nodes,
    connections: {},
    nodeGroups: [],
    settings: spec.settings ?? {},
    pinData: {},
    description: null,
    active,
    isArchived: archived,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    meta: null,
    tags,
    shared: [{ role: 'workflow:owner', workflowId: id, projectId: spec.projectId ?? PERSONAL.id }],
    ...spec.draft,
  });
  if (spec.publishedNodes)
    put(publishedPath(name, id), {
      id,
      nodes: spec.publishedNodes,
      connections: {},
      nodeGroups: [],
      name: 'v1',
    });
  if (spec.staticData) put(workflowStatePath(id), { id, staticData: spec.staticData });
}

function putTable(files: Map<string, SpooledFile>, put: Put, table: NonNullable<Instance['tables']>[number]): void {
  const { id, name, projectId = PERSONAL.id, columns = { a: 'string' }, rows = [] } = table;
  const folder = dataTableFolder(name, id);
  put(`${folder}table.json`, {
    id,
    name,
    projectId,
    columns: Object.entries(columns).map(([column, type], index) => ({
      id: `${id}-${index}`,
      name: column,
      type,
      index,
    })),
  });
  const chunks = new Map<string, string[]>();
  rows.forEach((row, index) => {
    const full = { id: index + 1, createdAt: 'c', updatedAt: 'u', ...row };
    const path = `${folder}${rowsFile(Number(full.id))}`;
    chunks.set(path, [...(chunks.get(path) ?? []), canonicalJsonLine(full)]);
  });
  for (const [path, lines] of chunks) files.set(path, memoryFile(Buffer.from(`${lines.join('\n')}\n`)));
}

function headerOf(instance: Instance): SnapshotHeader {
  const complete: KindHeader = { coverage: 'complete', items: 0 };
  const kinds: Partial<Record<Kind, KindHeader>> = {};
  for (const kind of KINDS) {
    const given = instance.kinds?.[kind];
    if (given === null || (kind === 'users' && !instance.users)) continue;
    kinds[kind] = { ...complete, ...given };
  }
  return {
    format: 1,
    instance: instance.name ?? 'prod',
    n8nVersion: instance.n8nVersion ?? '2.41.1',
    kinds,
  };
}

/** A kind that n8n does not serve to this key. */
export const UNLICENSED: Partial<KindHeader> = {
  coverage: 'unavailable',
  reason: { code: 'licence', message: 'Your license does not allow for feat:x' },
};

/** The plan for putting `source` back into `live`. */
export async function planOf(
  source: Instance,
  live: Instance,
  options: Partial<RestoreOptions> = {},
  more: Partial<Omit<PlanInput, 'source' | 'references' | 'live' | 'options'>> = {},
): Promise<Plan> {
  const model = await modelOf(source);
  return planRestore({
    source: model,
    references: new References(model),
    live: await modelOf(live),
    target: { instance: live.name ?? 'prod', url: 'http://127.0.0.1:5678', digest: 'as it was' },
    options: { ...DEFAULT_OPTIONS, ...options },
    capabilities: { packages: true, credentialIds: true, settings: null },
    saved: [],
    adopted: [],
    unfinished: new Set(),
    filledCredentials: new Set(),
    users: null,
    ...more,
  });
}

/** The action of an item; fails where the plan has none. */
export function actionOf<V extends Verb>(plan: Plan, key: string, verb: V): Extract<Action, { verb: V }> {
  const action = plan.actions.find((each) => each.key === key);
  if (action?.verb !== verb) throw new Error(`${key} is ${action?.verb ?? 'not in the plan'}, not ${verb}`);
  return action as Extract<Action, { verb: V }>;
}

export function workflowWork(plan: Plan, id: string): WorkflowWork {
  const action = plan.actions.find((each) => each.key === `workflows:${id}`);
  if (action?.verb !== 'create' && action?.verb !== 'update') throw new Error(`${id} is not written`);
  if (action.work.kind !== 'workflows') throw new Error(`${id} is no workflow`);
  return action.work;
}

/** `create workflows:a` for each action, in order. */
export function summary(plan: Plan): string[] {
  return plan.actions.map((action) => `${action.verb} ${action.key}`);
}
