import { ApiError, notFound } from '../api-error.ts';
import { personalProject, type State, type Workflow } from '../state.ts';
import type { ImportForm } from './form.ts';
import type { ManifestEntry } from './manifest.ts';
import { projectTargetOf, type PackageWorkflow, type ParsedPackage } from './parse.ts';

/** Where the items of a package go, and which of its workflows exist already. */
export interface Placement {
  readonly projectIdOf: (entry: Pick<ManifestEntry, 'target'>) => string;
  readonly homeOf: (workflow: PackageWorkflow) => { projectId: string; folderId: string | null };
  readonly existingOf: (workflow: PackageWorkflow) => Workflow | undefined;
}

/** @throws ApiError 403 or 404 where the target cannot be used */
export function placePackage(form: ImportForm, pkg: ParsedPackage, state: State): Placement {
  checkLicence(pkg, state);
  const { projectId, folderId } = form;
  if (projectId !== undefined && !state.projects.has(projectId)) throw notFound(`Project not found: ${projectId}`);
  const home = projectId ?? personalProject(state).id;
  const idOf = new Map(pkg.manifest.entries.projects.map(({ target, id }) => [target, id]));
  const projectIdAt = (target: string | undefined) => (target === undefined ? home : (idOf.get(target) ?? home));
  return {
    projectIdOf: ({ target }) => projectIdAt(projectTargetOf(target, pkg.manifest)),
    homeOf: (workflow) => ({
      projectId: projectIdAt(workflow.projectTarget),
      folderId: workflow.folderId ?? folderId ?? null,
    }),
    existingOf: ({ id }) =>
      state.workflows.get(id) ?? [...state.workflows.values()].find((workflow) => workflow.sourceWorkflowId === id),
  };
}

function checkLicence({ manifest }: ParsedPackage, state: State): void {
  const { projects, folders } = manifest.entries;
  if (!state.options.licensed && folders.length > 0) {
    throw new ApiError(
      403,
      'Your license does not allow folders. Importing a package with folders requires a license that supports folders.',
    );
  }
  if (!state.options.licensed && projects.length > 0) {
    throw new ApiError(
      403,
      'Your license does not allow creating team projects. Project import requires a license that supports team projects.',
    );
  }
  for (const { id, name } of projects) {
    if (state.projects.get(id)?.type !== 'personal') continue;
    throw new ApiError(403, `Cannot import project "${name}": its id belongs to a non-team project on this instance.`);
  }
}
