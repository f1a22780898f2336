import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn, pick, textOf } from '../../kinds/fields.ts';
import { isList, KIND, KINDS, type ListKind } from '../../kinds/kinds.ts';
import { owningProject, sameContent } from '../../kinds/workflows/workflows.ts';
import { credentialSchemaPath, listPath, parsePath, tableBeside, type Role } from '../../snapshot/format/paths.ts';
import { damagedFile, parseSnapshotFile, parseSnapshotText } from '../../snapshot/format/damaged-file.ts';
import { idProblem } from '../../snapshot/format/own-id.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import type { CredentialItem, Item, ListItem, MemberItem, SnapshotModel, TableItem, WorkflowItem } from './model.ts';

/**
 * Reads everything but the rows of data tables, which are read when they are asked for. All reading ends with the
 * signal.
 * @throws FlowkeepError `snapshot-format` where a file is not what docs/snapshot-format.md says
 */
export async function readModel(source: SnapshotView, signal?: AbortSignal): Promise<SnapshotModel> {
  const files = new ModelFiles(source, signal);
  const wanted = [...source.files.keys()].filter(
    (path) => !['header', 'readme', 'rows'].includes(parsePath(path)?.role ?? ''),
  );
  for await (const [path, content] of source.readMany(wanted, signal)) files.add(path, content);
  return files.toModel();
}

/** Gathers the files of a model, which may come in any order, and joins them at the end. */
class ModelFiles {
  readonly #source: SnapshotView;
  readonly #signal: AbortSignal | undefined;
  readonly #objects = new Map<string, JsonObject>();
  readonly #lists = new Map<string, JsonObject[]>();

  constructor(source: SnapshotView, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
  }

  add(path: string, content: Uint8Array): void {
    const value = parseSnapshotFile(path, content, this.#source.id);
    if (isJsonObject(value)) this.#objects.set(path, value);
    else if (Array.isArray(value)) this.#lists.set(path, objectsIn(value));
    else throw damagedFile(path, this.#source.id, 'it is neither an object nor a list');
  }

  toModel(): SnapshotModel {
    const { id, takenAt, header } = this.#source;
    const folders = this.#objects.get(listPath('folders')) ?? {};
    const credentials = this.#collect('credential', toCredential);
    return {
      ...this.#plainLists(),
      id,
      takenAt,
      header,
      workflows: this.#workflows(isJsonObject(folders.workflows) ? folders.workflows : {}),
      credentials,
      schemas: this.#schemas(credentials),
      variables: this.#list(listPath('variables'), (item) => ({
        id: textOf(item.id),
        name: textOf(item.key),
        key: textOf(item.key),
        value: Object.hasOwn(item, 'value') ? textOf(item.value) : null,
        type: textOf(item.type),
        projectId: isJsonObject(item.project) ? textOrNull(item.project.id) : null,
      })),
      projects: this.#list(listPath('projects'), (item) => ({
        ...named(item),
        personal: item.type === 'personal',
        members: Array.isArray(item.members) ? objectsIn(item.members).map(toMember) : null,
        details: withoutNulls(pick(item, ['icon', 'description', 'customTelemetryTags'])),
      })),
      folders: byId(
        objectsIn(folders.folders).map((item) => ({
          ...named(item),
          projectId: textOf(item.projectId),
          parentFolderId: textOrNull(item.parentFolderId),
        })),
      ),
      'data-tables': this.#tables(),
    };
  }

  /** Every list, as its items are stored; those of kinds with more to them are replaced by what is read of these. */
  #plainLists(): Record<ListKind, Map<string, ListItem>> {
    const lists = KINDS.filter(isList).map((kind) => {
      const { idMember, nameMember } = KIND[kind];
      const toItem = (stored: JsonObject): ListItem => ({
        id: textOf(stored[idMember]),
        name: textOf(stored[nameMember]),
        stored,
      });
      return [kind, this.#list(listPath(kind), toItem)] as const;
    });
    return Object.fromEntries(lists) as Record<ListKind, Map<string, ListItem>>;
  }

  #workflows(places: JsonObject): Map<string, WorkflowItem> {
    const published = this.#collect('published', (version) => ({ id: textOf(version.id), version }));
    const states = this.#collect('state', (state) => ({ id: textOf(state.id), state }));
    return this.#collect('draft', (draft) => {
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
    const rows = Map.groupBy(
      [...this.#source.files.keys()].filter((path) => parsePath(path)?.role === 'rows'),
      (path) => tableBeside(path),
    );
    return this.#collect('table', (table, path) => {
      const rowFiles = (rows.get(path) ?? []).sort(byNumber);
      return {
        ...named(table),
        projectId: textOrNull(table.projectId),
        columns: objectsIn(table.columns).map((column) => ({ ...named(column), type: textOf(column.type) })),
        rowFiles,
        rows: () => readRows(this.#source, rowFiles, this.#signal),
      };
    });
  }

  /** The objects of the files that have a role, by id. */
  #collect<T extends { readonly id: string }>(
    role: Role,
    convert: (value: JsonObject, path: string) => T,
  ): Map<string, T> {
    const items: T[] = [];
    for (const [path, value] of this.#objects) {
      if (parsePath(path)?.role !== role) continue;
      this.#requireOwnId(path, value);
      items.push(convert(value, path));
    }
    return byId(items);
  }

  #requireOwnId(path: string, item: JsonObject): void {
    const problem = idProblem(path, item);
    if (problem !== null) throw damagedFile(path, this.#source.id, problem);
  }

  #list<T extends { readonly id: string }>(path: string, convert: (value: JsonObject) => T): Map<string, T> {
    return byId((this.#lists.get(path) ?? []).map(convert));
  }
}

async function* readRows(
  source: SnapshotView,
  paths: readonly string[],
  signal?: AbortSignal,
): AsyncIterable<JsonObject> {
  for (const path of paths) {
    const text = Buffer.from(await source.read(path, signal)).toString('utf8');
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const row = parseSnapshotText(path, line, source.id);
      if (!isJsonObject(row)) throw damagedFile(path, source.id, 'a row is not a JSON object');
      yield row;
    }
  }
}

/** Row files are named by number: 2 comes before 10. */
function byNumber(a: string, b: string): number {
  return (parsePath(a)?.rowsFile ?? 0) - (parsePath(b)?.rowsFile ?? 0);
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
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

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function byId<T extends { readonly id: string }>(items: Iterable<T>): Map<string, T> {
  return new Map([...items].map((item) => [item.id, item]));
}
