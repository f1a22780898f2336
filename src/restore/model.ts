import { FlowkeepError, messageOf } from '../lib/errors.ts';
import { EXIT } from '../lib/exit-codes.ts';
import { isJsonObject, parseJson, type Json, type JsonObject } from '../lib/json.ts';
import { objectsIn } from '../resources/fields.ts';
import { owningProject, sameContent } from '../resources/workflows.ts';
import { COMMUNITY_PACKAGES_PATH, credentialSchemaPath, FOLDERS_PATH, HEADER_PATH, PROJECTS_PATH, TAGS_PATH, USERS_PATH, VARIABLES_PATH } from '../snapshot/paths.ts';
import { readHeader, type SnapshotHeader } from '../snapshot/header.ts';
import type { SnapshotFiles } from '../snapshot/snapshot-files.ts';

/** A snapshot, or the live state of the target, as restore looks at it. Row data stays where it is until it is read. */
export interface SnapshotModel {
  readonly id: string;
  readonly takenAt: string;
  readonly header: SnapshotHeader;
  readonly workflows: ReadonlyMap<string, WorkflowItem>;
  readonly credentials: ReadonlyMap<string, CredentialItem>;
  /** JSON Schemas of credential types, by type. */
  readonly schemas: ReadonlyMap<string, JsonObject>;
  readonly variables: ReadonlyMap<string, VariableItem>;
  readonly tags: ReadonlyMap<string, TagItem>;
  readonly projects: ReadonlyMap<string, ProjectItem>;
  readonly folders: ReadonlyMap<string, FolderItem>;
  readonly tables: ReadonlyMap<string, TableItem>;
  /** By package name. */
  readonly packages: ReadonlyMap<string, PackageItem>;
  readonly users: ReadonlyMap<string, UserItem>;
}

interface Item {
  readonly id: string;
  readonly name: string;
}
export interface WorkflowItem extends Item {
  readonly draft: JsonObject;
  /** The live version where it differs from the draft. */
  readonly published: JsonObject | null;
  /** Static data, or null. */
  readonly staticData: Json;
  /** Whether it is live. */
  readonly active: boolean;
  readonly archived: boolean;
  /** The project that owns it, or null where the instance does not tell. */
  readonly projectId: string | null;
  /** null: at the top of its project. */
  readonly folderId: string | null;
  readonly tagIds: readonly string[];
}
export interface CredentialItem extends Item {
  readonly type: string;
  readonly projectId: string | null;
}
export interface VariableItem extends Item {
  /** The variable's key; its `name` is the same. */
  readonly key: string;
  readonly value: string;
  readonly type: string;
  /** null: global. */
  readonly projectId: string | null;
}
export type TagItem = Item;
export interface ProjectItem extends Item {
  readonly personal: boolean;
  /** null: the key could not see them. */
  readonly members: readonly MemberItem[] | null;
}
export interface MemberItem {
  readonly id: string;
  readonly email: string | null;
  readonly role: string;
}
export interface FolderItem extends Item {
  readonly projectId: string;
  readonly parentFolderId: string | null;
}
export interface TableItem extends Item {
  readonly projectId: string | null;
  /** In their order. */
  readonly columns: readonly { readonly id: string; readonly name: string; readonly type: string }[];
  /** Paths of the files with its rows, in id order. */
  readonly rowFiles: readonly string[];
  /** The rows in id order, as stored: with `id`, `createdAt` and `updatedAt`. One file is in memory at a time. */
  rows(signal?: AbortSignal): AsyncIterable<JsonObject>;
}
export interface PackageItem extends Item {
  readonly version: string | null;
}
export interface UserItem extends Item {
  readonly email: string;
  readonly role: string | null;
}

/** Where a model is read from: a saved snapshot or what `collect` gave. */
export interface ModelSource {
  readonly id: string;
  readonly takenAt: string;
  readonly header: SnapshotHeader;
  readonly paths: readonly string[];
  read(path: string, signal?: AbortSignal): Promise<Uint8Array>;
  readMany(
    paths: Iterable<string>,
    signal?: AbortSignal,
  ): AsyncIterable<readonly [path: string, content: Uint8Array]>;
}

/** A saved snapshot as the source of a model. @throws FlowkeepError `snapshot-format` */
export async function snapshotSource(files: SnapshotFiles, signal?: AbortSignal): Promise<ModelSource> {
  const header = readHeader(await files.read(HEADER_PATH, signal), files.info.id);
  return {
    id: files.info.id,
    takenAt: files.info.takenAt,
    header,
    paths: [...files.files.keys()],
    read: (path, stop) => files.read(path, stop),
    readMany: (paths, stop) => files.readMany(paths, stop),
  };
}

/** What `collect` just read as the source of a model. The spool must stay open while rows are read. */
export function collectedSource(
  collected: {
    readonly header: SnapshotHeader;
    readonly files: ReadonlyMap<string, { read(): Promise<Uint8Array> }>;
  },
  takenAt: string,
): ModelSource {
  const read = async (path: string): Promise<Uint8Array> => {
    const file = collected.files.get(path);
    if (!file) throw damaged('the live state', path, 'it is missing');
    return file.read();
  };
  return {
    id: 'live',
    takenAt,
    header: collected.header,
    paths: [...collected.files.keys()],
    read,
    async *readMany(paths) {
      for (const path of paths) yield [path, await read(path)] as const;
    },
  };
}

/**
 * Reads everything but the rows of data tables.
 * @throws FlowkeepError `snapshot-format` where a file is not what docs/snapshot-format.md says
 */
export async function readModel(source: ModelSource, signal?: AbortSignal): Promise<SnapshotModel> {
  const files = new ModelFiles(source);
  const wanted = source.paths.filter((path) => path !== HEADER_PATH && !isRowFile(path));
  for await (const [path, content] of source.readMany(wanted, signal)) files.add(path, content);
  return files.toModel();
}

function isRowFile(path: string): boolean {
  return /^data-tables\/[^/]+\/rows\//.test(path);
}

function damaged(where: string, path: string, what: string): FlowkeepError {
  return new FlowkeepError('snapshot-format', `${path} of ${where} cannot be used: ${what}`, {
    exitCode: EXIT.integrity,
    remedy: 'Run `flowkeep verify --all` to find an undamaged snapshot.',
  });
}

/** Gathers the files of a model, which may come in any order, and joins them at the end. */
class ModelFiles {
  readonly #source: ModelSource;
  readonly #objects = new Map<string, JsonObject>();
  readonly #lists = new Map<string, JsonObject[]>();

  constructor(source: ModelSource) {
    this.#source = source;
  }

  add(path: string, content: Uint8Array): void {
    const value = this.#parse(path, content);
    if (isJsonObject(value)) this.#objects.set(path, value);
    else if (Array.isArray(value)) this.#lists.set(path, objectsIn(value));
    else throw damaged(this.#source.id, path, 'it is neither an object nor a list');
  }

  #parse(path: string, content: Uint8Array): Json {
    try {
      return parseJson(Buffer.from(content).toString('utf8'));
    } catch (error) {
      throw damaged(this.#source.id, path, messageOf(error));
    }
  }

  toModel(): SnapshotModel {
    const { id, takenAt, header } = this.#source;
    const folders = this.#objects.get(FOLDERS_PATH) ?? {};
    const credentials = this.#collect('credentials/', toCredential);
    return {
      id,
      takenAt,
      header,
      workflows: this.#workflows(isJsonObject(folders.workflows) ? folders.workflows : {}),
      credentials,
      schemas: this.#schemas(credentials),
      variables: this.#list(VARIABLES_PATH, (item) => ({
        id: textOf(item.id),
        name: textOf(item.key),
        key: textOf(item.key),
        value: textOf(item.value),
        type: textOf(item.type),
        projectId: isJsonObject(item.project) ? textOrNull(item.project.id) : null,
      })),
      tags: this.#list(TAGS_PATH, named),
      projects: this.#list(PROJECTS_PATH, (item) => ({
        ...named(item),
        personal: item.type === 'personal',
        members: Array.isArray(item.members) ? objectsIn(item.members).map(toMember) : null,
      })),
      folders: byId(
        objectsIn(folders.folders).map((item) => ({
          ...named(item),
          projectId: textOf(item.projectId),
          parentFolderId: textOrNull(item.parentFolderId),
        })),
      ),
      tables: this.#tables(),
      packages: this.#list(COMMUNITY_PACKAGES_PATH, (item) => ({
        id: textOf(item.packageName),
        name: textOf(item.packageName),
        version: textOrNull(item.installedVersion),
      })),
      users: this.#list(USERS_PATH, (item) => ({
        id: textOf(item.id),
        name: textOf(item.email),
        email: textOf(item.email),
        role: textOrNull(item.role),
      })),
    };
  }

  #workflows(places: JsonObject): Map<string, WorkflowItem> {
    const published = this.#collect('workflows/', (version) => ({ id: textOf(version.id), version }), true);
    const states = this.#collect('workflow-state/', (state) => ({ id: textOf(state.id), state }));
    return this.#collect('workflows/', (draft) => {
      const { id, name } = named(draft);
      const live = published.get(id)?.version ?? null;
      return {
        id,
        name,
        draft,
        published: live && !sameContent(live, draft) ? live : null,
        staticData: states.get(id)?.state.staticData ?? null,
        active: draft.active === true,
        archived: draft.isArchived === true,
        projectId: owningProject(draft),
        folderId: Object.hasOwn(places, id) ? textOrNull(places[id]) : null,
        tagIds: objectsIn(draft.tags).map((tag) => textOf(tag.id)),
      };
    });
  }

  #schemas(credentials: ReadonlyMap<string, CredentialItem>): Map<string, JsonObject> {
    const schemas = new Map<string, JsonObject>();
    for (const { type } of credentials.values()) {
      const schema = this.#objects.get(credentialSchemaPath(type));
      if (schema) schemas.set(type, schema);
    }
    return schemas;
  }

  #tables(): Map<string, TableItem> {
    const tables: TableItem[] = [];
    for (const [path, table] of this.#objects) {
      if (!/^data-tables\/[^/]+\/table\.json$/.test(path)) continue;
      const folder = path.slice(0, -'table.json'.length);
      const rowFiles = this.#source.paths.filter((each) => each.startsWith(`${folder}rows/`)).sort(byNumber);
      tables.push({
        ...named(table),
        projectId: textOrNull(table.projectId),
        columns: objectsIn(table.columns).map((column) => ({ ...named(column), type: textOf(column.type) })),
        rowFiles,
        rows: (signal) => readRows(this.#source, rowFiles, signal),
      });
    }
    return byId(tables);
  }

  /** The objects of the files of a folder; those of `.published.json` files, or all others. */
  #collect<T extends { readonly id: string }>(
    folder: string,
    convert: (value: JsonObject) => T,
    published = false,
  ): Map<string, T> {
    const items: T[] = [];
    for (const [path, value] of this.#objects) {
      if (!path.startsWith(folder) || path.endsWith('.published.json') !== published) continue;
      if (typeof value.id !== 'string') throw damaged(this.#source.id, path, 'it has no id');
      items.push(convert(value));
    }
    return byId(items);
  }

  #list<T extends { readonly id: string }>(path: string, convert: (value: JsonObject) => T): Map<string, T> {
    return byId((this.#lists.get(path) ?? []).map(convert));
  }
}

async function* readRows(
  source: ModelSource,
  paths: readonly string[],
  signal?: AbortSignal,
): AsyncIterable<JsonObject> {
  for (const path of paths) {
    const text = Buffer.from(await source.read(path, signal)).toString('utf8');
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const row = parseJson(line);
      if (!isJsonObject(row)) throw damaged(source.id, path, 'a row is no JSON object');
      yield row;
    }
  }
}

/** Row files are named by number: 2 comes before 10. */
function byNumber(a: string, b: string): number {
  return fileNumber(a) - fileNumber(b);
}

function fileNumber(path: string): number {
  return Number(/(\d+)\.ndjson$/.exec(path)?.[1] ?? 0);
}

function named(item: JsonObject): Item {
  return { id: textOf(item.id), name: textOf(item.name) };
}

function toCredential(item: JsonObject): CredentialItem {
  const owner = objectsIn(item.shared).find((share) => share.role === 'credential:owner');
  return { ...named(item), type: textOf(item.type), projectId: textOrNull(owner?.id) };
}

function toMember(member: JsonObject): MemberItem {
  return { id: textOf(member.id), email: textOrNull(member.email), role: textOf(member.role) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function byId<T extends { readonly id: string }>(items: Iterable<T>): Map<string, T> {
  return new Map([...items].map((item) => [item.id, item]));
}
