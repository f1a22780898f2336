import { isJsonObject, type Json, type JsonObject } from '../../../../src/lib/json/json.ts';
import { ApiError } from '../api-error.ts';
import { draftOf, type State, type Workflow } from '../state.ts';
import { addWorkflow, publish, saveDraft, setArchived, unpublish } from '../workflow-actions.ts';
import { calleesOf, mergedSettings } from '../workflow-rules.ts';
import type { Import } from './import.ts';
import type { PackageWorkflow } from './parse.ts';
import { credentialsUsed } from './requirements.ts';

interface Imported {
  readonly source: PackageWorkflow;
  readonly workflow: Workflow;
  readonly status: 'created' | 'updated' | 'skipped';
  readonly wasPublished: boolean;
}

/** Writes the workflows and publishes them as the policy says. @returns the summaries, and the id that each one got */
export function importWorkflows(work: Import): { workflows: JsonObject[]; bindings: Record<string, string> } {
  const imported = work.pkg.workflows.map((source) => importWorkflow(source, work));
  const bindings = Object.fromEntries(imported.map(({ source, workflow }) => [source.id, workflow.id]));
  for (const { workflow, status } of imported) if (status !== 'skipped') rewriteCalls(workflow, bindings);
  const states = new Map<Imported, JsonObject>();
  for (const item of inPublishingOrder(imported, work)) states.set(item, applyPublishing(item, work));
  const workflows = imported.map((item) => summary(item, states.get(item) ?? { state: 'unchanged' }));
  return { workflows, bindings };
}

function importWorkflow(source: PackageWorkflow, { form, placement, state }: Import): Imported {
  const existing = placement.existingOf(source);
  const wasPublished = existing !== undefined && existing.activeVersionId !== null;
  if (existing !== undefined && form.policies.workflowConflictPolicy === 'skip') {
    return { source, workflow: existing, status: 'skipped', wasPublished };
  }
  const workflow = existing ?? createWorkflow(source, { form, placement, state });
  if (existing !== undefined) {
    saveDraft(state, workflow, { ...source.content, nodeGroups: draftOf(workflow).nodeGroups });
    workflow.name = source.name;
    workflow.settings = mergedSettings(workflow.settings, source.settings);
  }
  workflow.sourceWorkflowId = source.id;
  workflow.tagIds = source.tagIds.filter((id) => state.tags.has(id));
  setArchived(state, workflow, source.isArchived);
  return { source, workflow, status: existing === undefined ? 'created' : 'updated', wasPublished };
}

function createWorkflow(
  source: PackageWorkflow,
  { form, placement, state }: Pick<Import, 'form' | 'placement' | 'state'>,
): Workflow {
  const { projectId, folderId } = placement.homeOf(source);
  return addWorkflow(state, {
    ...(form.policies.workflowIdPolicy === 'source' ? { id: source.id } : {}),
    ...source.content,
    ...{ name: source.name, settings: source.settings, projectId, parentFolderId: folderId },
  });
}

/** Calls between workflows of the package follow them to new ids. */
function rewriteCalls(workflow: Workflow, bindings: Readonly<Record<string, string>>): void {
  const draft = draftOf(workflow);
  if (calleesOf(workflow).every((id) => (bindings[id] ?? id) === id)) return;
  draft.nodes = draft.nodes.map((node) => ({
    ...node,
    parameters: rewritten(node['parameters'] ?? {}, bindings),
  }));
}

function rewritten(parameters: Json, bindings: Readonly<Record<string, string>>): Json {
  if (!isJsonObject(parameters)) return parameters;
  const locator = parameters['workflowId'];
  if (!isJsonObject(locator) || typeof locator['value'] !== 'string') return parameters;
  return { ...parameters, workflowId: { ...locator, value: bindings[locator['value']] ?? locator['value'] } };
}

/** Manifest order; with requirements of sub-workflows, callees come before their callers. */
function inPublishingOrder(imported: readonly Imported[], { pkg }: Import): Imported[] {
  if ((pkg.manifest.requirements['workflows'] ?? []).length === 0) return [...imported];
  const ordered = new Set<Imported>();
  const visiting = new Set<Imported>();
  const visit = (item: Imported): void => {
    if (ordered.has(item) || visiting.has(item)) return;
    visiting.add(item);
    const callees = calleesOf(item.workflow);
    for (const other of imported) if (callees.includes(other.workflow.id)) visit(other);
    ordered.add(item);
  };
  imported.forEach(visit);
  return [...ordered];
}

function applyPublishing(item: Imported, { form, state }: Import): JsonObject {
  const { source, workflow, status, wasPublished } = item;
  if (status === 'skipped' || source.isArchived) return { state: 'unchanged' };
  const wish = wishedState(form.policies.workflowPublishingPolicy, source, wasPublished);
  if (wish === 'unpublish') {
    if (!wasPublished) return { state: 'unchanged' };
    unpublish(state, workflow);
    return { state: 'unpublished' };
  }
  return wish === 'publish' ? tryPublish(workflow, state) : { state: 'unchanged' };
}

function wishedState(policy: string, source: PackageWorkflow, wasPublished: boolean): string {
  if (policy === 'publish-all') return 'publish';
  if (policy === 'unpublish-all') return 'unpublish';
  const draftIsLive = source.publishedVersionId !== null && source.publishedVersionId === source.versionId;
  if (policy === 'match-source') {
    if (source.publishedVersionId === null) return 'unpublish';
    return draftIsLive ? 'publish' : 'leave';
  }
  return wasPublished && draftIsLive ? 'publish' : 'leave';
}

function tryPublish(workflow: Workflow, state: State): JsonObject {
  if (credentialsUsed(workflow).some((id) => state.credentials.get(id)?.isStub === true)) {
    return { state: 'blocked', blockedReason: 'stub-credential' };
  }
  try {
    publish(state, workflow);
    return { state: 'published' };
  } catch (error) {
    if (error instanceof ApiError) return { state: 'failed', error: error.message };
    throw error;
  }
}

function summary({ source, workflow, status }: Imported, publishing: JsonObject): JsonObject {
  const { id, name, projectId, parentFolderId, activeVersionId, isArchived } = workflow;
  return {
    ...{ sourceWorkflowId: source.id, localId: id, name, projectId, parentFolderId, activeVersionId },
    ...{ isArchived, publishing, status },
  };
}
