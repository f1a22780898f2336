import { omit, requireLists, requireText, sortByText, type Identified } from './fields.ts';

/** A folder as it is stored: its place is `projectId` and `parentFolderId` (null at the top of the project). */
export interface Folder extends Identified {
  name: string;
  projectId: string;
  parentFolderId: string | null;
}

/** Counts and copies of other items, which change without this folder changing. */
const DERIVED = ['homeProject', 'parentFolder', 'workflowCount', 'subFolderCount', 'path'];

/** Checks one entry of `GET /projects/{id}/folders`. @throws N8nError `invalid-answer` */
export function parseFolder(value: unknown, projectId: string): Folder {
  const folder = requireText(value, ['id', 'name'], 'GET /projects/{id}/folders');
  requireLists(folder, ['tags'], 'GET /projects/{id}/folders');
  const parent = typeof folder.parentFolderId === 'string' ? folder.parentFolderId : null;
  return { ...omit(folder, DERIVED), id: folder.id, name: folder.name, projectId, parentFolderId: parent };
}

/** How many workflows a folder says that it holds, or null where the answer does not tell. */
export function workflowCount(value: unknown): number | null {
  const count = (value as { workflowCount?: unknown } | null)?.workflowCount;
  return typeof count === 'number' ? count : null;
}

/** The stored order: by project, then by id. */
export function sortFolders(folders: Iterable<Folder>): Folder[] {
  return sortByText(
    folders,
    (folder) => folder.projectId,
    (folder) => folder.id,
  );
}
