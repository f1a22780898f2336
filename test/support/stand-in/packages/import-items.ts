import type { JsonObject } from '../../../../src/lib/json/json.ts';
import { ApiError } from '../api-error.ts';
import { asText } from '../body.ts';
import { addCredential } from '../credentials.ts';
import { addDataTable } from '../data-tables.ts';
import { addFolder } from '../folders.ts';
import { addProject } from '../projects.ts';
import { addTag } from '../tags.ts';
import { addVariable, findVariable } from '../variables.ts';
import { required } from './blockers.ts';
import type { Import } from './import.ts';
import { columnsOf, projectTargetOf } from './parse.ts';

/** An existing project is kept as it is: `merge` does not rename it. */
export function importProjects({ pkg, state }: Import): JsonObject[] {
  return pkg.manifest.entries.projects.map((entry) => {
    const { id } = entry;
    const status = state.projects.has(id) ? 'skipped' : 'created';
    const name = asText(pkg.fileOf(entry, 'project.json')['name']);
    if (status === 'created') addProject(state, { id, name });
    return { sourceProjectId: id, localId: id, name, status };
  });
}

export function importFolders({ form, pkg, placement, state }: Import): JsonObject[] {
  return pkg.manifest.entries.folders.map((entry) => {
    const { id } = entry;
    const status = state.folders.has(id) ? 'skipped' : 'created';
    const json = pkg.fileOf(entry, 'folder.json');
    const inPackage = typeof json['parentFolderId'] === 'string' ? json['parentFolderId'] : null;
    // The top of the package is the folder that it is imported into.
    const parentFolderId = inPackage ?? form.folderId ?? null;
    const name = asText(json['name']);
    if (status === 'created') {
      addFolder(state, { id, name, parentFolderId, projectId: placement.projectIdOf(entry) });
    }
    return { sourceFolderId: id, localId: id, name, parentFolderId, status };
  });
}

type Lists<Name extends string> = Record<Name, string[]>;

/** Tags are matched by id; one whose name another tag holds is left out. */
export function importTags(work: Import): Lists<'matched' | 'created' | 'renamed' | 'reconciled' | 'skipped'> {
  const { form, pkg, state } = work;
  const result: ReturnType<typeof importTags> = {
    ...{ matched: [], created: [], renamed: [], reconciled: [], skipped: [] },
  };
  if (!writesWorkflows(work)) return result;
  for (const requirement of required(pkg, 'tags')) {
    const id = asText(requirement['id']);
    const name = asText(requirement['name']);
    const nameTaken = [...state.tags.values()].some((tag) => tag.name === name && tag.id !== id);
    const existing = state.tags.get(id);
    if (existing?.name === name) result.matched.push(name);
    else if (existing !== undefined || nameTaken || form.policies.tagMissingMode !== 'create') {
      result.skipped.push(name);
    } else {
      addTag(state, { id, name });
      result.created.push(name);
    }
  }
  return result;
}

/** Whether any workflow of the package is created or updated: tags come with those alone. */
function writesWorkflows({ form, pkg, placement }: Import): boolean {
  if (form.policies.workflowConflictPolicy !== 'skip') return true;
  return pkg.workflows.some((workflow) => placement.existingOf(workflow) === undefined);
}

export function importVariables(work: Import): Lists<'matched' | 'created' | 'stubbed' | 'updated' | 'missing'> {
  const { form, pkg, placement, state } = work;
  const result: ReturnType<typeof importVariables> = {
    ...{ matched: [], created: [], stubbed: [], updated: [], missing: [] },
  };
  for (const requirement of required(pkg, 'variables')) {
    const name = asText(requirement['name']);
    const entry = pkg.manifest.entries.variables.find((candidate) => candidate.name === name);
    const projectId = placement.projectIdOf(entry ?? { target: '' });
    if (findVariable(state, name, projectId) ?? findVariable(state, name, null)) result.matched.push(name);
    else if (form.policies.variableMissingMode === 'do-nothing') result.missing.push(name);
    else {
      if (!state.options.licensed) throw variablesNotLicensed();
      const value = entry === undefined ? '' : asText(pkg.fileOf(entry, 'variable.json')['value']);
      const inProjectPackage = pkg.manifest.entries.projects.length > 0;
      const isGlobal =
        inProjectPackage && (entry === undefined || projectTargetOf(entry.target, pkg.manifest) === undefined);
      addVariable(state, { key: name, value, projectId: isGlobal ? null : projectId });
      (value === '' ? result.stubbed : result.created).push(name);
    }
  }
  return result;
}

function variablesNotLicensed(): ApiError {
  return new ApiError(
    403,
    'Your license does not allow variables. Importing a package that writes variables requires a license that supports variables.',
  );
}

/** Missing credentials come as stubs, under their id, without a secret. */
export function importCredentials({ pkg, placement, state }: Import): Lists<'matched' | 'stubbed'> {
  const result: ReturnType<typeof importCredentials> = { matched: [], stubbed: [] };
  for (const requirement of required(pkg, 'credentials')) {
    const id = asText(requirement['id']);
    if (state.credentials.has(id)) {
      result.matched.push(id);
      continue;
    }
    const user = pkg.workflows.find((workflow) => requirement.usedByWorkflows.includes(workflow.id));
    const entry = pkg.manifest.entries.credentials.find((candidate) => candidate.id === id);
    const projectId =
      user === undefined || entry !== undefined
        ? placement.projectIdOf(entry ?? { target: '' })
        : placement.homeOf(user).projectId;
    const { name, type } = requirement;
    addCredential(state, { id, name: asText(name), type: asText(type), data: {}, projectId, isStub: true });
    result.stubbed.push(id);
  }
  return result;
}

/** Data tables come without rows, and only those that a requirement names. */
export function importDataTables({ form, pkg, placement, state }: Import): {
  matched: number;
  created: number;
} {
  const result = { matched: 0, created: 0 };
  for (const { id } of required(pkg, 'dataTables')) {
    const entry = pkg.manifest.entries.dataTables.find((candidate) => candidate.id === id);
    if (state.dataTables.has(asText(id))) result.matched++;
    else if (entry !== undefined && form.policies.dataTableMissingMode === 'create') {
      const columns = columnsOf(pkg.fileOf(entry, 'data-table.json'));
      addDataTable(state, {
        id: entry.id,
        name: entry.name,
        projectId: placement.projectIdOf(entry),
        columns,
      });
      result.created++;
    }
  }
  return result;
}
