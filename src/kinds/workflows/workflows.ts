// What only workflows need: what is checked and kept of one, the references in it, and the folder that it is in.

import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import { segment } from '../../n8n/http/types.ts';
import {
  type Identified,
  invalid,
  objectsIn,
  omit,
  pick,
  requireLists,
  requireText,
  sortByText,
  textMember,
} from '../fields.ts';

/** A workflow as n8n answers it, from the list or in detail. */
export interface Workflow extends Identified {
  name: string;
}

/**
 * A workflow as it is stored: the draft, the live version where it differs from the draft, and the static data, which
 * changes with every poll and therefore stays out of the draft.
 */
export interface StoredWorkflow {
  readonly draft: JsonObject;
  readonly published: JsonObject | null;
  readonly state: JsonObject | null;
}

/** What only `GET /workflows/{id}` has (docs/internal/n8n-api-notes.md, Workflow objects). */
export interface WorkflowDetails {
  readonly description: Json;
  readonly sourceWorkflowId: Json;
}

/** The details of a workflow that has none: the common case, which need not be read to be known. */
export const NO_DETAILS: WorkflowDetails = { description: null, sourceWorkflowId: null };

/** Members that move without an edit, or that are stored elsewhere. */
const VOLATILE = ['versionId', 'versionCounter', 'triggerCount', 'activeVersionId'];
const ELSEWHERE = ['staticData', 'activeVersion', 'parentFolder', 'parentFolderId'];
/** Members of the live version that name this very publication, not its content. */
const VOLATILE_IN_VERSION = ['versionId', 'workflowId', 'updatedAt', 'workflowPublishHistory'];
/** What runs: a live version differs from the draft when one of these does. */
const CONTENT = ['nodes', 'connections', 'nodeGroups'];

/** Checks one entry of `GET /workflows` or the answer of `GET /workflows/{id}`. @throws N8nError `invalid-answer` */
export function parseWorkflow(value: unknown, request = 'GET /workflows'): Workflow {
  const workflow = requireText(value, ['id', 'name'], request) as Workflow;
  const { id, nodes, connections } = workflow;
  if (!Array.isArray(nodes) || !isJsonObject(connections))
    throw invalid(request, `"nodes" or "connections" of ${JSON.stringify(id)} is missing, or of another type`);
  requireLists(workflow, ['nodes', 'tags', 'shared'], request);
  return workflow;
}

/** `GET /workflows/{id}`. @throws N8nError `not-found` where it was deleted meanwhile */
export async function readWorkflow(client: N8nClient, id: string, signal?: AbortSignal): Promise<Workflow> {
  const path = `/workflows/${segment(id)}`;
  const check = (value: unknown): void => void parseWorkflow(value, `GET ${path}`);
  return (await client.get(path, { check, ...(signal ? { signal } : {}) })) as Workflow;
}

/** What only the detail has, taken from a detail answer or from a stored draft. */
export function detailsOf(workflow: JsonObject): WorkflowDetails {
  return { description: workflow.description ?? null, sourceWorkflowId: workflow.sourceWorkflowId ?? null };
}

/** Splits a workflow into what is stored. `details` fills in what a list entry lacks. */
export function toStoredWorkflow(workflow: Workflow, details: WorkflowDetails): StoredWorkflow {
  const draft: JsonObject = {
    ...omit(workflow, [...VOLATILE, ...ELSEWHERE]),
    ...details,
    tags: sortByText(objectsIn(workflow.tags), textMember('id')).map((tag) => pick(tag, ['id', 'name'])),
    shared: sortByText(objectsIn(workflow.shared), textMember('projectId'), textMember('role')).map((share) =>
      pick(share, ['role', 'workflowId', 'projectId']),
    ),
  };
  return { draft, published: publishedVersion(workflow), state: staticState(workflow) };
}

function publishedVersion(workflow: Workflow): JsonObject | null {
  const live = workflow.activeVersion;
  if (!isJsonObject(live) || sameContent(live, workflow)) return null;
  return { ...omit(live, VOLATILE_IN_VERSION), id: workflow.id };
}

/** Whether two versions of a workflow run alike: same nodes, connections and node groups. */
export function sameContent(a: JsonObject, b: JsonObject): boolean {
  return CONTENT.every((member) => canonicalJson(a[member] ?? null) === canonicalJson(b[member] ?? null));
}

function staticState(workflow: Workflow): JsonObject | null {
  const data = workflow.staticData;
  return data === null || data === undefined ? null : { id: workflow.id, staticData: data };
}

/** The project that owns a workflow, or null where the answer does not say. */
export function owningProject(workflow: JsonObject): string | null {
  const owner = objectsIn(workflow.shared).find((share) => share.role === 'workflow:owner');
  return typeof owner?.projectId === 'string' ? owner.projectId : null;
}
