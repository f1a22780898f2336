import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest, notFound } from './api-error.ts';
import {
  draftOf,
  personalProject,
  stamps,
  type PublishEvent,
  type State,
  type Workflow,
  type WorkflowContent,
} from './state.ts';
import { checkPublishable, isTrigger } from './workflow-rules.ts';

export interface NewWorkflow extends Partial<WorkflowContent> {
  readonly id?: string;
  readonly name: string;
  readonly settings?: JsonObject;
  readonly staticData?: JsonObject | null;
  readonly pinData?: JsonObject | null;
  readonly projectId?: string;
  readonly parentFolderId?: string | null;
  readonly sourceWorkflowId?: string | null;
}

/** Adds a workflow, without any check: for the routes, which checked, and for tests that change state by themselves. */
export function addWorkflow(state: State, input: NewWorkflow): Workflow {
  const timestamp = state.timestamp();
  const { nodes = [], connections = {}, nodeGroups = [] } = input;
  const workflow: Workflow = {
    ...stamps(timestamp),
    id: input.id ?? state.ids.nano(),
    name: input.name,
    description: null,
    isArchived: false,
    versionId: '',
    activeVersionId: null,
    versionCounter: 0,
    sourceWorkflowId: input.sourceWorkflowId ?? null,
    triggerCount: 0,
    settings: input.settings ?? {},
    staticData: input.staticData ?? null,
    pinData: input.pinData ?? null,
    meta: null,
    versions: new Map(),
    publishHistory: [],
    tagIds: [],
    projectId: input.projectId ?? personalProject(state).id,
    parentFolderId: input.parentFolderId ?? null,
    sharedAt: timestamp,
  };
  addVersion(state, workflow, { nodes, connections, nodeGroups });
  state.workflows.set(workflow.id, workflow);
  return workflow;
}

/** Saves a draft: a new version where nodes, connections or groups changed. */
export function saveDraft(state: State, workflow: Workflow, content: WorkflowContent): void {
  const { nodes, connections, nodeGroups } = draftOf(workflow);
  if (!isDeepStrictEqual(content, { nodes, connections, nodeGroups })) addVersion(state, workflow, content);
  workflow.updatedAt = state.timestamp();
}

/** A node that does nothing, under this name and id. */
export function noOp(name: string) {
  return { id: name, name, type: 'n8n-nodes-base.noOp', typeVersion: 1, position: [0, 0], parameters: {} };
}

/** Saves a draft of one node: another one for each name. */
export function saveOneNode(state: State, id: string, name: string): void {
  const workflow = state.workflows.get(id);
  if (!workflow) throw new Error(`there is no workflow ${id}`);
  saveDraft(state, workflow, { nodes: [noOp(name)], connections: {}, nodeGroups: [] });
}

function addVersion(state: State, workflow: Workflow, content: WorkflowContent): void {
  const versionId = state.ids.uuid();
  const authors = [state.owner.firstName, state.owner.lastName].join(' ');
  const version = {
    ...stamps(state.timestamp()),
    ...content,
    versionId,
    authors,
    name: null,
    description: null,
  };
  workflow.versions.set(versionId, version);
  workflow.versionId = versionId;
  workflow.versionCounter++;
}

/** Makes a version the live one. @throws ApiError as n8n refuses it */
export function publish(state: State, workflow: Workflow, versionId = workflow.versionId): void {
  if (workflow.isArchived) throw badRequest('Cannot activate an archived workflow.');
  const version = workflow.versions.get(versionId);
  if (version === undefined) throw notFound('Version not found');
  checkPublishable(workflow, version, state);
  workflow.activeVersionId = versionId;
  workflow.triggerCount = version.nodes.filter(isTrigger).length;
  recordEvent(state, workflow, versionId, 'activated');
}

export function unpublish(state: State, workflow: Workflow): void {
  if (workflow.activeVersionId === null) return;
  recordEvent(state, workflow, workflow.activeVersionId, 'deactivated');
  workflow.activeVersionId = null;
}

function recordEvent(state: State, workflow: Workflow, versionId: string, event: PublishEvent['event']): void {
  workflow.publishHistory.push({ id: ++state.publishEvents, versionId, event, createdAt: state.timestamp() });
}

/** Archives (which unpublishes) or brings back; both give the draft a new version id. */
export function setArchived(state: State, workflow: Workflow, isArchived: boolean): void {
  if (workflow.isArchived === isArchived) return;
  unpublish(state, workflow);
  workflow.isArchived = isArchived;
  const { nodes, connections, nodeGroups } = draftOf(workflow);
  const counter = workflow.versionCounter;
  addVersion(state, workflow, { nodes, connections, nodeGroups });
  workflow.versionCounter = counter;
  workflow.updatedAt = state.timestamp();
}
