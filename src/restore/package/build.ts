// Packages for n8n's import, and the requests that send them. It knows the format of packages, not why one is
// sent.

import type { JsonObject } from '../../lib/json/json.ts';
import type { PackageEntry } from '../../n8n/package.ts';
import type { PackagedWorkflow } from './workflow.ts';

/** What a package brings. n8n keeps the ids as they are (docs/internal/n8n-api-notes.md, Import). */
export interface PackageContent {
  readonly projects?: readonly PackagedProject[];
  /** Parents may come in any order; a parent that is not among them is the folder that the package is imported into. */
  readonly folders?: readonly PackagedFolder[];
  readonly workflows?: readonly PackagedWorkflow[];
  readonly tags?: readonly { readonly id: string; readonly name: string }[];
  readonly tables?: readonly PackagedTable[];
  /** Credentials that come as stubs: id, name and type, without data. */
  readonly stubs?: readonly { readonly id: string; readonly name: string; readonly type: string }[];
}

export interface PackagedProject {
  readonly id: string;
  readonly name: string;
  /** The icon and the description, as the snapshot holds them: no other request of the public API writes them. */
  readonly details: JsonObject;
}
export interface PackagedFolder {
  readonly id: string;
  readonly name: string;
  readonly parentFolderId: string | null;
}
export interface PackagedTable {
  readonly id: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

interface ManifestEntry {
  readonly id: string;
  readonly name: string;
  readonly target: string;
}

/**
 * The files of a package, ready for writePackage. Folders are named by their place in the lists: n8n takes any name,
 * and a name made from an id could leave its folder. Tags, tables and stubs come with the first workflow: n8n creates
 * them only where a workflow of the package requires them.
 */
export function buildPackage(content: PackageContent): PackageEntry[] {
  const folders = placeFolders(content.folders ?? []);
  const lists = {
    projects: place(content.projects ?? [], 'projects'),
    folders,
    workflows: place(content.workflows ?? [], 'workflows'),
    dataTables: place(content.tables ?? [], 'data-tables'),
    tags: place(content.tags ?? [], 'tags'),
  };
  return [
    ['manifest.json', manifest(lists, requirements(content))],
    ...fileEach(lists.projects, 'project.json', projectFile),
    ...fileEach(lists.folders, 'folder.json', folderFile),
    ...fileEach(lists.workflows, 'workflow.json', (workflow) => workflow.file),
    ...fileEach(lists.workflows, 'workflow-metadata.json', () => UNPUBLISHED),
    ...fileEach(lists.dataTables, 'data-table.json', tableFile),
    ...fileEach(lists.tags, 'tag.json', ({ id, name }) => ({ id, name })),
  ];
}

/** n8n demands this file for each workflow; what is live is decided by publishing, not by the package. */
const UNPUBLISHED = { versionId: 'flowkeep', publishedVersionId: null };

type Placed<T> = readonly (readonly [target: string, item: T])[];

function place<T>(items: readonly T[], folder: string): Placed<T> {
  return items.map((item, index) => [`${folder}/${index}`, item] as const);
}

/** Nested as n8n reads them: the path of a folder's file shows its parent, and so does the file. */
function placeFolders(folders: readonly PackagedFolder[]): Placed<PackagedFolder> {
  const ids = new Set(folders.map(({ id }) => id));
  const targets = new Map<string, string>();
  const order = new Map(folders.map((folder, index) => [folder.id, { folder, index }]));
  const targetOf = (id: string): string => {
    const known = targets.get(id);
    if (known !== undefined) return known;
    const { folder, index } = order.get(id)!;
    const parent = folder.parentFolderId;
    const base = parent !== null && ids.has(parent) ? `${targetOf(parent)}/` : '';
    const target = `${base}folders/${index}`;
    targets.set(id, target);
    return target;
  };
  return folders.map((folder) => {
    const parent = folder.parentFolderId;
    const parentFolderId = parent !== null && ids.has(parent) ? parent : null;
    return [targetOf(folder.id), { ...folder, parentFolderId }] as const;
  });
}

function manifest(
  lists: Readonly<Record<string, Placed<{ id: string; name: string }>>>,
  needs: JsonObject,
): JsonObject {
  const entries: JsonObject = {};
  for (const [name, placed] of Object.entries(lists)) {
    const list: ManifestEntry[] = placed.map(([target, { id, name: called }]) => ({
      id,
      name: called,
      target,
    }));
    if (list.length > 0) entries[name] = list as unknown as JsonObject[];
  }
  return {
    packageFormatVersion: '1',
    // The time and the source are for people who open a package; these never reach a disk.
    exportedAt: '2000-01-01T00:00:00.000Z',
    sourceN8nVersion: '2.41.1',
    sourceId: 'flowkeep',
    ...entries,
    requirements: needs,
  };
}

function requirements(content: PackageContent): JsonObject {
  const workflows = content.workflows ?? [];
  const first = workflows[0]?.id;
  if (first === undefined) return {};
  const all = [first];
  const tags = (content.tags ?? []).map(({ id, name }) => ({
    id,
    name,
    usedByWorkflows: workflows.filter((workflow) => workflow.tagIds.includes(id)).map((each) => each.id),
  }));
  return {
    tags: tags.filter((tag) => tag.usedByWorkflows.length > 0),
    dataTables: (content.tables ?? []).map(({ id, name }) => ({ id, name, usedByWorkflows: all })),
    credentials: (content.stubs ?? []).map(({ id, name, type }) => ({
      id,
      name,
      type,
      usedByWorkflows: all,
    })),
  };
}

function fileEach<T>(placed: Placed<T>, name: string, write: (item: T) => unknown): PackageEntry[] {
  return placed.map(([target, item]) => [`${target}/${name}`, write(item)] as const);
}

function projectFile(project: PackagedProject): JsonObject {
  return { ...project.details, id: project.id, name: project.name };
}

function folderFile({ id, name, parentFolderId }: PackagedFolder): JsonObject {
  return { id, name, parentFolderId };
}

function tableFile({ id, name, columns }: PackagedTable): JsonObject {
  return { id, name, columns: columns.map((column, index) => ({ ...column, index })) };
}
