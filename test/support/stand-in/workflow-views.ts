import type { JsonObject } from '../../../src/lib/json/json.ts';
import { draftOf, type Project, type State, type Tag, type Workflow } from './state.ts';

/** A workflow as `GET /workflows` lists it. */
export function listedWorkflow(workflow: Workflow, state: State, withPinData: boolean): JsonObject {
  if (state.options.version === 'old') return oldWorkflow(workflow, state);
  const { description: _, versionCounter: __, sourceWorkflowId: ___, ...core } = coreFields(workflow);
  if (!withPinData) delete core['pinData'];
  return {
    ...core,
    tags: tagsOf(workflow, state),
    shared: [shared(workflow)],
    activeVersion: activeVersion(workflow),
  };
}

/** A workflow as `GET /workflows/{id}` shows it. */
export function workflowDetail(workflow: Workflow, state: State): JsonObject {
  if (state.options.version === 'old') return oldWorkflow(workflow, state);
  return {
    ...coreFields(workflow),
    tags: tagsOf(workflow, state),
    shared: [sharedWithProject(workflow, state)],
    activeVersion: activeVersionWithHistory(workflow, state),
  };
}

/** The answer of POST /workflows. */
export function createdWorkflow(workflow: Workflow, state: State): JsonObject {
  if (state.options.version === 'old') return oldWorkflow(workflow, state);
  const folder = workflow.parentFolderId === null ? undefined : state.folders.get(workflow.parentFolderId);
  const parentFolder: JsonObject | null =
    folder === undefined
      ? null
      : {
          id: folder.id,
          name: folder.name,
          parentFolderId: folder.parentFolderId,
          createdAt: folder.createdAt,
          updatedAt: folder.updatedAt,
        };
  return { ...workflowDetail(workflow, state), parentFolder };
}

/** The answer of PUT: without `shared`. */
export function updatedWorkflow(workflow: Workflow, state: State): JsonObject {
  if (state.options.version === 'old') return oldWorkflow(workflow, state);
  return {
    ...coreFields(workflow),
    tags: tagsOf(workflow, state),
    activeVersion: activeVersion(workflow),
  };
}

/** The answer of publish: without `shared` and `tags`. */
export function publishedWorkflow(workflow: Workflow, state: State): JsonObject {
  if (state.options.version === 'old') return oldWorkflow(workflow, state);
  return { ...coreFields(workflow), activeVersion: activeVersionWithHistory(workflow, state) };
}

/** The answer of unpublish, archive, unarchive and delete: without `tags`. */
export function retiredWorkflow(workflow: Workflow, state: State): JsonObject {
  if (state.options.version === 'old') return oldWorkflow(workflow, state);
  return { ...coreFields(workflow), shared: [sharedWithProject(workflow, state)], activeVersion: null };
}

function coreFields(workflow: Workflow): JsonObject {
  const draft = draftOf(workflow);
  return {
    id: workflow.id,
    name: workflow.name,
    description: workflow.description,
    active: workflow.activeVersionId !== null,
    activeVersionId: workflow.activeVersionId,
    createdAt: workflow.createdAt,
    updatedAt: workflow.updatedAt,
    isArchived: workflow.isArchived,
    versionId: workflow.versionId,
    versionCounter: workflow.versionCounter,
    sourceWorkflowId: workflow.sourceWorkflowId,
    triggerCount: workflow.triggerCount,
    nodes: draft.nodes,
    connections: draft.connections,
    nodeGroups: draft.nodeGroups,
    settings: workflow.settings,
    staticData: workflow.staticData,
    pinData: workflow.pinData,
    meta: workflow.meta,
  };
}

/** What n8n 1.x showed of a workflow, from its public specification. */
function oldWorkflow(workflow: Workflow, state: State): JsonObject {
  const { nodes, connections } = draftOf(workflow);
  const { id, name, createdAt, updatedAt, isArchived, versionId, triggerCount, settings, meta } = workflow;
  const active = workflow.activeVersionId !== null;
  const { staticData, pinData } = workflow;
  return {
    ...{ id, name, active, createdAt, updatedAt, isArchived, versionId, triggerCount },
    ...{ nodes, connections, settings, staticData, pinData, meta },
    tags: tagsOf(workflow, state),
    shared: [shared(workflow)],
  };
}

function tagsOf(workflow: Workflow, state: State): JsonObject[] {
  return workflow.tagIds.flatMap((id) => {
    const tag = state.tags.get(id);
    return tag === undefined ? [] : [tagView(tag)];
  });
}

export function tagView({ id, name, createdAt, updatedAt }: Tag): JsonObject {
  return { id, name, createdAt, updatedAt };
}

function shared(workflow: Workflow): JsonObject {
  return {
    role: 'workflow:owner',
    workflowId: workflow.id,
    projectId: workflow.projectId,
    createdAt: workflow.sharedAt,
    updatedAt: workflow.sharedAt,
  };
}

function sharedWithProject(workflow: Workflow, state: State): JsonObject {
  const project = state.projects.get(workflow.projectId);
  return { ...shared(workflow), project: project === undefined ? null : projectView(project) };
}

export function projectView(project: Project): JsonObject {
  const { id, name, type, icon, description, creatorId, createdAt, updatedAt } = project;
  return { id, name, type, icon, description, customTelemetryTags: [], creatorId, createdAt, updatedAt };
}

function activeVersion(workflow: Workflow): JsonObject | null {
  if (workflow.activeVersionId === null) return null;
  const version = workflow.versions.get(workflow.activeVersionId);
  if (version === undefined) throw new Error(`the stand-in lost the live version of ${workflow.id}`);
  const { versionId, nodes, connections, nodeGroups, authors, name, description, createdAt, updatedAt } = version;
  return {
    ...{ versionId, workflowId: workflow.id, nodes, connections, nodeGroups, authors, name, description },
    ...{ autosaved: false, createdAt, updatedAt },
  };
}

function activeVersionWithHistory(workflow: Workflow, state: State): JsonObject | null {
  const version = activeVersion(workflow);
  if (version === null) return null;
  const workflowPublishHistory = workflow.publishHistory
    .filter((event) => event.versionId === workflow.activeVersionId)
    .map((event) => ({ ...event, workflowId: workflow.id, userId: state.owner.id }));
  return { ...version, workflowPublishHistory };
}
