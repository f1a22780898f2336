import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../../../../src/lib/json/json.ts';
import { badRequest } from '../api-error.ts';
import { asText } from '../body.ts';
import {
  draftOf,
  type Credential,
  type DataTable,
  type Folder,
  type Project,
  type State,
  type Workflow,
} from '../state.ts';
import { findVariable } from '../variables.ts';
import type { PackageFiles } from './archive.ts';
import type { ManifestEntry, Section } from './manifest.ts';
import { credentialsUsed, dataTablesUsed, requirementsOf } from './requirements.ts';

/** Collects the files of a package and the manifest's lists. */
export class PackageBuilder {
  readonly #state: State;
  readonly #files: PackageFiles = new Map();
  readonly #entries = new Map<Section, Map<string, ManifestEntry>>();
  #requirements: JsonObject = {};

  constructor(state: State) {
    this.#state = state;
  }

  /** @returns the folder of the project in the package */
  addProject(project: Project): string {
    const { id, name } = project;
    const target = this.#add('projects', { id, name }, 'projects', { 'project.json': { id, name } });
    const inside = [...this.#state.folders.values()].filter((folder) => folder.projectId === id);
    for (const folder of inside) if (folder.parentFolderId === null) this.addFolder(folder, `${target}/`);
    for (const workflow of this.#state.workflows.values()) {
      if (workflow.projectId === id && workflow.parentFolderId === null) {
        this.addWorkflow(workflow, `${target}/workflows`);
      }
    }
    return target;
  }

  /** Adds a folder with all that is in it. @returns the workflows in it, also those in folders below */
  addFolder(folder: Folder, prefix: string, parent = `${prefix}folders`): Workflow[] {
    const { id, name, parentFolderId } = folder;
    const target = this.#add('folders', { id, name }, parent, {
      'folder.json': { id, name, parentFolderId },
    });
    const workflows = [...this.#state.workflows.values()].filter((workflow) => workflow.parentFolderId === id);
    for (const workflow of workflows) this.addWorkflow(workflow, `${target}/workflows`);
    const below = [...this.#state.folders.values()].filter((other) => other.parentFolderId === id);
    return [...workflows, ...below.flatMap((child) => this.addFolder(child, prefix, target))];
  }

  addWorkflow(workflow: Workflow, parent: string): void {
    const { id, name, settings, parentFolderId, isArchived, tagIds, versionId, activeVersionId } = workflow;
    const { nodes, connections } = draftOf(workflow);
    this.#add('workflows', { id, name }, parent, {
      'workflow.json': { id, name, nodes, connections, settings, parentFolderId, isArchived, tagIds },
      'workflow-metadata.json': { versionId, publishedVersionId: activeVersionId },
    });
  }

  /** Adds what the workflows need, each below the place of its own project, and the requirements. */
  addNeeds(workflows: readonly Workflow[], prefixOf: (projectId: string) => string): void {
    const { credentials, dataTables, tags } = this.#state;
    for (const id of workflows.flatMap(credentialsUsed)) {
      const credential = credentials.get(id);
      if (credential !== undefined) this.#addCredential(credential, prefixOf(credential.projectId));
    }
    for (const id of workflows.flatMap(dataTablesUsed)) {
      const table = dataTables.get(id);
      if (table !== undefined) this.#addDataTable(table, prefixOf(table.projectId));
    }
    this.#requirements = requirementsOf(workflows, this.#state);
    for (const workflow of workflows) this.#addVariables(workflow, prefixOf);
    for (const id of workflows.flatMap((workflow) => workflow.tagIds)) {
      const tag = tags.get(id);
      if (tag !== undefined) this.#add('tags', tag, 'tags', { 'tag.json': { id, name: tag.name } });
    }
  }

  #addCredential({ id, name, type }: Credential, prefix: string): void {
    this.#add('credentials', { id, name }, `${prefix}credentials`, { 'credential.json': { id, name, type } });
  }

  #addDataTable({ id, name, columns }: DataTable, prefix: string): void {
    const ordered = columns.toSorted((a, b) => a.index - b.index);
    const described = ordered.map((column) => ({
      name: column.name,
      type: column.type,
      index: column.index,
    }));
    const content = { id, name, columns: described };
    this.#add('dataTables', { id, name }, `${prefix}data-tables`, { 'data-table.json': content });
  }

  #addVariables(workflow: Workflow, prefixOf: (projectId: string) => string): void {
    const needed = requirementsOf([workflow], this.#state)['variables'];
    for (const { name } of (Array.isArray(needed) ? needed : []).filter(isJsonObject)) {
      const key = asText(name);
      const variable = findVariable(this.#state, key, workflow.projectId) ?? findVariable(this.#state, key, null);
      if (variable === undefined) continue;
      const prefix = variable.projectId === null ? '' : prefixOf(variable.projectId);
      const content = { name: key, type: variable.type, value: variable.value };
      this.#add('variables', { id: variable.id, name: key }, `${prefix}variables`, {
        'variable.json': content,
      });
    }
  }

  #add(
    section: Section,
    { id, name }: { id: string; name: string },
    parent: string,
    files: Record<string, JsonObject>,
  ): string {
    const entries = this.#entries.get(section) ?? new Map<string, ManifestEntry>();
    this.#entries.set(section, entries);
    const known = entries.get(id);
    if (known !== undefined) return known.target;
    checkId(section, id, name);
    const target = `${parent}/${slug(name)}-${id}`;
    entries.set(id, { id, name, target });
    for (const [file, content] of Object.entries(files)) this.#files.set(`${target}/${file}`, content);
    return target;
  }

  files(): PackageFiles {
    const manifest: JsonObject = {
      packageFormatVersion: '1',
      exportedAt: this.#state.timestamp(),
      sourceN8nVersion: this.#state.options.n8nVersion,
      sourceId: createHash('sha256').update(this.#state.owner.id).digest('hex'),
      ...Object.fromEntries([...this.#entries].map(([section, entries]) => [section, [...entries.values()]])),
      requirements: this.#requirements,
    };
    return new Map<string, Json>([['manifest.json', manifest], ...this.#files]);
  }

  counts(): JsonObject {
    const sections: Section[] = ['workflows', 'folders', 'credentials', 'dataTables', 'variables', 'tags'];
    return Object.fromEntries(sections.map((section) => [section, this.#entries.get(section)?.size ?? 0]));
  }
}

/** n8n makes folders of ids, and gives up the whole export at one that it does not like. */
function checkId(section: Section, id: string, name: string): void {
  if (/^[A-Za-z0-9_]+$/.test(id)) return;
  throw badRequest(`${section} entry "${name}" has an id that cannot be used as a path segment. Export aborted.`);
}

function slug(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9\s-]/g, '')
    .split(/[\s-]+/);
  return words.filter((word) => word !== '').join('-') || 'item';
}
