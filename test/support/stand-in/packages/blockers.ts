import type { JsonObject } from '../../../../src/lib/json/json.ts';
import { ApiError, badRequest } from '../api-error.ts';
import { asText } from '../body.ts';
import { CREDENTIAL_SCHEMAS } from '../credential-schemas.ts';
import { findTable } from '../data-tables.ts';
import type { State } from '../state.ts';
import { checkConnections, credentialIdsOf, knowsNodeType } from '../workflow-rules.ts';
import type { ImportForm } from './form.ts';
import type { Requirement } from './manifest.ts';
import { columnsOf, type PackageWorkflow, type ParsedPackage } from './parse.ts';
import type { Placement } from './placement.ts';
import { nodeTypesOf } from './requirements.ts';

/** Types of issues that n8n answers with 409; the others are 422. */
const CONFLICTS = ['-conflict', 'fail-policy'];

/**
 * Refuses a package that n8n would refuse, before anything of it is written.
 * @throws ApiError 400 for its content, 409 or 422 with the list of `issues` for what stands in its way here
 */
export function checkImport(form: ImportForm, pkg: ParsedPackage, placement: Placement, state: State): void {
  for (const workflow of pkg.workflows) checkContent(workflow, pkg, state);
  const issues = [
    ...pkg.workflows.flatMap((workflow) => workflowIssues(workflow, form, placement)),
    ...projectIssues(form, pkg, state),
    ...folderIssues(form, pkg, placement, state),
    ...(form.policies.missingNodeTypeMode === 'fail' ? nodeTypeIssues(pkg, state) : []),
    ...required(pkg, 'credentials').flatMap((requirement) => credentialIssues(requirement, form, state)),
    ...required(pkg, 'dataTables').flatMap((need) => dataTableIssues(need, pkg, placement, state)),
  ];
  if (issues.length === 0) return;
  const isConflict = ({ type, kind }: JsonObject) =>
    CONFLICTS.some((word) => asText(type).endsWith(word) || asText(kind).endsWith(word));
  throw new ApiError(
    issues.every(isConflict) ? 409 : 422,
    `Import blocked: ${issues.length} issue(s) must be resolved before the package can be imported.`,
    { issues },
  );
}

/** The requirements of one kind, of which some workflow of the package is the user. */
export function required(pkg: ParsedPackage, kind: string): Requirement[] {
  const ids = new Set(pkg.workflows.map(({ id }) => id));
  return (pkg.manifest.requirements[kind] ?? []).filter(({ usedByWorkflows }) =>
    usedByWorkflows.some((id) => ids.has(id)),
  );
}

function checkContent(workflow: PackageWorkflow, pkg: ParsedPackage, state: State): void {
  const listed = new Set(required(pkg, 'tags').map(({ id }) => id));
  for (const id of workflow.tagIds) {
    if (listed.has(id)) continue;
    throw badRequest(`Package workflows reference tag "${id}", which is missing from the package's tag requirements.`);
  }
  checkConnections(workflow.content);
  if (!state.options.licensed) return;
  const provided = new Set(required(pkg, 'credentials').map(({ id }) => id));
  for (const id of workflow.content.nodes.flatMap(credentialIdsOf)) {
    if (typeof id === 'string' && (state.credentials.has(id) || provided.has(id))) continue;
    throw badRequest('The workflow you are trying to save contains credentials that are not shared with you');
  }
}

function workflowIssues(workflow: PackageWorkflow, form: ImportForm, placement: Placement): JsonObject[] {
  const existing = placement.existingOf(workflow);
  if (existing === undefined) return [];
  const { projectId, folderId } = placement.homeOf(workflow);
  const facts = { sourceWorkflowId: workflow.id, existingWorkflowId: existing.id };
  const { name, isArchived, parentFolderId } = existing;
  if (existing.projectId !== projectId) {
    return [{ type: 'workflow-id-conflict', ...facts, existingProjectId: existing.projectId, isArchived, name }];
  }
  if (form.policies.workflowConflictPolicy === 'fail') return [{ type: 'workflow-conflict', ...facts, name }];
  if (form.policies.workflowConflictPolicy === 'skip') return [];
  if (folderId === null || folderId === parentFolderId) return [];
  const places = { existingParentFolderId: parentFolderId, targetFolderId: folderId };
  return [{ type: 'workflow-folder-conflict', ...facts, ...places, name }];
}

function projectIssues(form: ImportForm, pkg: ParsedPackage, state: State): JsonObject[] {
  if (form.policies.projectConflictPolicy !== 'fail') return [];
  const existing = pkg.manifest.entries.projects.filter(({ id }) => state.projects.has(id));
  return existing.map(({ id, name }) => ({
    ...{ type: 'project-conflict', kind: 'fail-policy', sourceProjectId: id, name },
  }));
}

function folderIssues(form: ImportForm, pkg: ParsedPackage, placement: Placement, state: State): JsonObject[] {
  return pkg.manifest.entries.folders.flatMap((entry) => {
    const existing = state.folders.get(entry.id);
    if (existing === undefined) return [];
    const facts = { sourceFolderId: entry.id, name: entry.name };
    if (existing.projectId !== placement.projectIdOf(entry)) {
      const existingProjectId = existing.projectId;
      return [{ type: 'folder-conflict', kind: 'id-in-other-project', ...facts, existingProjectId }];
    }
    if (form.policies.folderConflictPolicy !== 'fail') return [];
    return [{ type: 'folder-conflict', kind: 'fail-policy', ...facts }];
  });
}

function nodeTypeIssues(pkg: ParsedPackage, state: State): JsonObject[] {
  const missing = new Map<string, { nodeType: string; typeVersion: number; usedByWorkflows: string[] }>();
  for (const { id, content } of pkg.workflows) {
    for (const { type, typeVersion } of nodeTypesOf(content.nodes)) {
      if (knowsNodeType(state, type, typeVersion)) continue;
      const key = `${type}@${typeVersion}`;
      const issue = missing.get(key) ?? { nodeType: type, typeVersion, usedByWorkflows: [] };
      if (!issue.usedByWorkflows.includes(id)) issue.usedByWorkflows.push(id);
      missing.set(key, issue);
    }
  }
  return [...missing.values()].map((issue) => ({ type: 'missing-node-type', ...issue }));
}

function credentialIssues(requirement: Requirement, form: ImportForm, state: State): JsonObject[] {
  const { id, type, usedByWorkflows } = requirement;
  if (state.credentials.has(asText(id))) return [];
  const facts = { sourceId: asText(id), usedByWorkflows };
  if (form.policies.credentialMissingMode === 'must-preexist') {
    return [{ type: 'credential-unresolved', kind: 'missing', ...facts }];
  }
  if (asText(type) in CREDENTIAL_SCHEMAS) return [];
  return [{ type: 'credential-unresolved', kind: 'unknown_type', ...facts }];
}

function dataTableIssues(
  { id, name, usedByWorkflows }: Requirement,
  pkg: ParsedPackage,
  placement: Placement,
  state: State,
): JsonObject[] {
  const entry = pkg.manifest.entries.dataTables.find((candidate) => candidate.id === id);
  if (entry === undefined) return [];
  const facts = { sourceId: asText(id), name: asText(name), usedByWorkflows };
  const existing = state.dataTables.get(entry.id);
  if (existing === undefined) {
    if (findTable(state, entry.name, placement.projectIdOf(entry)) === undefined) return [];
    return [{ type: 'data-table-unresolved', kind: 'name-conflict', ...facts }];
  }
  const typeOf = new Map(existing.columns.map((column) => [column.name, column.type]));
  const wanted = columnsOf(pkg.fileOf(entry, 'data-table.json'));
  const missingColumns = wanted.filter((column) => !typeOf.has(column.name)).map((column) => column.name);
  const typeMismatches = wanted.flatMap((column) => {
    const actualType = typeOf.get(column.name);
    if (actualType === undefined || actualType === column.type) return [];
    return [{ column: column.name, expectedType: column.type, actualType }];
  });
  if (missingColumns.length + typeMismatches.length === 0) return [];
  return [{ type: 'data-table-unresolved', kind: 'schema-incompatible', ...facts, missingColumns, typeMismatches }];
}
