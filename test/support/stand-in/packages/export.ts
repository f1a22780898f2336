import { isJsonObject, type Json } from '../../../../src/lib/json/json.ts';
import { badRequest, forbidden } from '../api-error.ts';
import type { ApiAnswer, ApiRequest } from '../exchange.ts';
import type { State, Workflow } from '../state.ts';
import { calleesOf } from '../workflow-rules.ts';
import { writePackage } from './archive.ts';
import { PackageBuilder } from './builder.ts';

const MAX_IDS = 300;
const DEPENDENCY_POLICIES = ['fail', 'reference-only', 'include-in-package'];

/** `POST /n8n-packages/export` */
export async function exportPackage(request: ApiRequest, state: State): Promise<ApiAnswer> {
  const selection = acceptedSelection(request);
  const builder = new PackageBuilder(state);
  if (selection.projectIds.length > 0) {
    exportProjects(selection.projectIds, builder, state);
  } else {
    exportWorkflows(selection, builder, state);
  }
  const bytes = await writePackage(builder.files());
  const headers = {
    'content-type': 'application/gzip',
    'content-disposition': 'attachment; filename="export.n8np"',
    'x-n8n-export-counts': JSON.stringify(builder.counts()),
  };
  return { status: 200, bytes, headers };
}

interface Selection {
  readonly workflowIds: readonly string[];
  readonly folderIds: readonly string[];
  readonly projectIds: readonly string[];
  readonly dependencies: string;
}

function acceptedSelection({ body, scopes }: ApiRequest): Selection {
  if (!isJsonObject(body)) throw badRequest('request/body must be object');
  const known = ['workflowIds', 'folderIds', 'projectIds', 'missingWorkflowDependencyPolicy', 'includeVariableValues'];
  if (Object.keys(body).some((key) => !known.includes(key))) {
    throw badRequest('request/body must NOT have additional properties');
  }
  const policy = body['missingWorkflowDependencyPolicy'] ?? 'fail';
  if (typeof policy !== 'string' || !DEPENDENCY_POLICIES.includes(policy)) {
    throw badRequest(
      `request/body/missingWorkflowDependencyPolicy must be equal to one of the allowed values: ${DEPENDENCY_POLICIES.join(', ')}`,
    );
  }
  const [workflowIds, folderIds, projectIds] = ['workflowIds', 'folderIds', 'projectIds'].map((key) =>
    idList(body[key], key),
  ) as [string[], string[], string[]];
  const loose = workflowIds.length + folderIds.length;
  if (loose + projectIds.length === 0) {
    throw badRequest('At least one workflowId, folderId, or projectId is required');
  }
  if (loose > 0 && projectIds.length > 0) {
    throw badRequest('Provide either workflowIds/folderIds or projectIds, not both');
  }
  if (!scopes.includes(loose > 0 ? 'workflow:export' : 'project:export')) throw forbidden();
  return { workflowIds, folderIds, projectIds, dependencies: policy };
}

function idList(value: Json | undefined, key: string): string[] {
  if (value === undefined) return [];
  const ids = Array.isArray(value) ? value.map(String) : [];
  if (ids.length === 0) throw badRequest('Array must contain at least 1 element(s)');
  if (ids.length > MAX_IDS) throw badRequest(`request/body/${key} must NOT have more than ${MAX_IDS} items`);
  return ids;
}

function exportWorkflows(selection: Selection, builder: PackageBuilder, state: State): void {
  const workflows = selection.workflowIds.flatMap((id) => state.workflows.get(id) ?? []);
  const missing = selection.workflowIds.length - workflows.length;
  if (missing > 0) throw badRequest(`${missing} workflow(s) not found or not accessible. Export aborted.`);
  const folders = selection.folderIds.flatMap((id) => state.folders.get(id) ?? []);
  const inFolders = folders.flatMap((folder) => builder.addFolder(folder, ''));
  const all = withDependencies([...workflows, ...inFolders], selection.dependencies, state);
  for (const workflow of all) if (!inFolders.includes(workflow)) builder.addWorkflow(workflow, 'workflows');
  builder.addNeeds(all, () => '');
}

/** The workflows and, by policy, those that they call. @throws ApiError 400 where one is missing from the selection */
function withDependencies(workflows: readonly Workflow[], policy: string, state: State): Workflow[] {
  const all = new Map(workflows.map((workflow) => [workflow.id, workflow]));
  const missing = new Set<string>();
  for (const workflow of all.values()) {
    for (const id of calleesOf(workflow)) {
      if (all.has(id)) continue;
      const callee = state.workflows.get(id);
      if (policy === 'include-in-package' && callee !== undefined) all.set(id, callee);
      else missing.add(id);
    }
  }
  if (policy === 'fail' && missing.size > 0) {
    const noun = missing.size === 1 ? 'dependency' : 'dependencies';
    throw badRequest(`${missing.size} workflow ${noun} not included in the package. Export aborted.`);
  }
  return [...all.values()];
}

function exportProjects(ids: readonly string[], builder: PackageBuilder, state: State): void {
  const projects = ids.flatMap((id) => state.projects.get(id) ?? []);
  const missing = ids.length - projects.length;
  if (missing > 0) throw badRequest(`${missing} project(s) not found or not accessible. Export aborted.`);
  const targets = new Map(projects.map((project) => [project.id, builder.addProject(project)]));
  const workflows = [...state.workflows.values()].filter(({ projectId }) => targets.has(projectId));
  withDependencies(workflows, 'fail', state);
  builder.addNeeds(workflows, (projectId) => {
    const target = targets.get(projectId);
    return target === undefined ? '' : `${target}/`;
  });
}
