import type { JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest, notFound } from './api-error.ts';
import { requiredText, textField } from './body.ts';
import { isJsonObject } from '../../../src/lib/json/json.ts';
import { created, noContent, ok, param, type ApiAnswer, type ApiRequest, type Route } from './exchange.ts';
import { ordered } from './paging.ts';
import { personalProject, stamps, type Folder, type Project, type State } from './state.ts';
import { setArchived } from './workflow-actions.ts';

const base = { feature: 'feat:folders', since: 'current' } as const;
const one = '/projects/:projectId/folders/:folderId';

export const folderRoutes: readonly Route[] = [
  { method: 'GET', path: '/projects/:projectId/folders', scope: 'folder:list', ...base, handle: list },
  { method: 'POST', path: '/projects/:projectId/folders', scope: 'folder:create', ...base, handle: create },
  { method: 'GET', path: one, scope: 'folder:read', ...base, handle: show },
  { method: 'PATCH', path: one, scope: 'folder:update', ...base, handle: update },
  { method: 'DELETE', path: one, scope: 'folder:delete', ...base, handle: remove },
];

function list(request: ApiRequest, state: State): ApiAnswer {
  const project = homeProject(request, state);
  const all = ordered(state.folders.values(), state.listingOrder, 'last-updated-first').filter(
    (folder) => folder.projectId === project.id,
  );
  const skip = Number(request.query.get('skip') ?? 0);
  const take = Number(request.query.get('take') ?? 50);
  const data = all.slice(skip, skip + take).map((folder) => listedFolder(folder, project, state));
  return ok({ count: all.length, data });
}

function listedFolder(folder: Folder, project: Project, state: State): JsonObject {
  const { id, name, parentFolderId, createdAt, updatedAt } = folder;
  const parent = parentFolderId === null ? undefined : state.folders.get(parentFolderId);
  const parentFolder: JsonObject | null =
    parent === undefined ? null : { id: parent.id, name: parent.name, parentFolderId: parent.parentFolderId };
  return {
    ...{ id, name, parentFolderId, createdAt, updatedAt },
    homeProject: { id: project.id, name: project.name, type: project.type, icon: project.icon },
    ...{ parentFolder, tags: [] },
    workflowCount: workflowsIn(folder, state).filter((workflow) => !workflow.isArchived).length,
    subFolderCount: subFolders(folder, state).length,
  };
}

function create(request: ApiRequest, state: State): ApiAnswer {
  const body = acceptedBody(request, ['name', 'parentFolderId']);
  // The alias of the caller's own project, which only this request knows.
  const isAlias = param(request, 'projectId') === 'personal';
  const project = isAlias ? personalProject(state) : homeProject(request, state);
  const name = acceptedName(requiredText(body, 'name'));
  const parentFolderId = textField(body, 'parentFolderId') ?? null;
  const parent = parentFolderId === null ? undefined : folderOf(project, parentFolderId, state);
  const folder = addFolder(state, { id: state.ids.nano(), name, projectId: project.id, parentFolderId });
  return created({ ...plainFolder(folder), parentFolder: parent === undefined ? null : plainFolder(parent) });
}

type NewFolder = Pick<Folder, 'id' | 'name' | 'projectId' | 'parentFolderId'>;

/** Adds a folder without any check. */
export function addFolder(state: State, input: NewFolder): Folder {
  const folder: Folder = { ...stamps(state.timestamp()), ...input };
  state.folders.set(folder.id, folder);
  return folder;
}

function show(request: ApiRequest, state: State): ApiAnswer {
  const folder = existing(request, state);
  return ok({
    ...plainFolder(folder),
    totalSubFolders: subFolders(folder, state).length,
    totalWorkflows: workflowsIn(folder, state).length,
  });
}

function update(request: ApiRequest, state: State): ApiAnswer {
  const body = acceptedBody(request, ['name', 'parentFolderId', 'tagIds']);
  const folder = existing(request, state);
  const name = textField(body, 'name');
  const parentFolderId = textField(body, 'parentFolderId');
  if (name !== undefined) folder.name = acceptedName(name);
  // `0` stands for the root of the project.
  if (parentFolderId !== undefined) folder.parentFolderId = parentFolderId === '0' ? null : parentFolderId;
  folder.updatedAt = state.timestamp();
  return ok(plainFolder(folder));
}

/** Without transferToFolderId the workflows of the folder are archived, in the root. */
function remove(request: ApiRequest, state: State): ApiAnswer {
  removeFolder(existing(request, state), state);
  return noContent();
}

function removeFolder(folder: Folder, state: State): void {
  for (const child of subFolders(folder, state)) removeFolder(child, state);
  for (const workflow of workflowsIn(folder, state)) {
    workflow.parentFolderId = null;
    setArchived(state, workflow, true);
  }
  state.folders.delete(folder.id);
}

function acceptedBody(request: ApiRequest, keys: readonly string[]): JsonObject {
  if (!isJsonObject(request.body)) throw badRequest('request/body must be object');
  if (Object.keys(request.body).some((key) => !keys.includes(key))) {
    throw badRequest('request/body must NOT have additional properties');
  }
  return request.body;
}

function acceptedName(name: string): string {
  if (name.trim() === '') throw badRequest('Folder name cannot be empty');
  if (/[[\]^\\/:*?"<>|]/.test(name)) throw badRequest('Folder name contains invalid characters');
  return name;
}

function homeProject(request: ApiRequest, state: State): Project {
  const id = param(request, 'projectId');
  const project = state.projects.get(id);
  if (project === undefined) throw notFound(`Project with ID "${id}" not found`);
  return project;
}

function existing(request: ApiRequest, state: State): Folder {
  return folderOf(homeProject(request, state), param(request, 'folderId'), state);
}

function folderOf(project: Project, id: string, state: State): Folder {
  const folder = state.folders.get(id);
  if (folder === undefined || folder.projectId !== project.id) throw notFound(`Could not find the folder: ${id}`);
  return folder;
}

function plainFolder({ id, name, parentFolderId, createdAt, updatedAt }: Folder): JsonObject {
  return { id, name, parentFolderId, createdAt, updatedAt };
}

const subFolders = (folder: Folder, state: State) =>
  [...state.folders.values()].filter((other) => other.parentFolderId === folder.id);

const workflowsIn = (folder: Folder, state: State) =>
  [...state.workflows.values()].filter((workflow) => workflow.parentFolderId === folder.id);
