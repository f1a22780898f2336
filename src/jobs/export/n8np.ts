import { canonicalJson, isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { writePackage, type PackageEntry } from '../../n8n/package.ts';
import { objectsIn } from '../../kinds/fields.ts';
import { findReferences } from '../../kinds/workflows/workflow-references.ts';
import type { Place, SnapshotModel, WorkflowItem } from '../../restore/model/model.ts';
import { inBatches } from '../../restore/package/batches.ts';
import { buildPackage, type PackageContent } from '../../restore/package/build.ts';
import { packageWorkflow, type PackagedWorkflow } from '../../restore/package/workflow.ts';
import { readSnapshotModel } from '../../restore/model/snapshot-model.ts';
import { parsePath, workflowPath } from '../../snapshot/format/paths.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import { plainView } from '../../snapshot/treat/plain-view.ts';
import { countOne, readBatches, type ExportedFile, type ExportFormat, type ExportRun } from './format.ts';
import { importScript, packagesReadme, type PlacedPackage } from './n8np-readme.ts';

/** n8n takes uploads of 16 MB (docs/internal/n8n-api-notes.md, Import); some proxies stop at less. */
const MAX_BYTES = 8 * 2 ** 20;

/**
 * Packages that n8n's own import takes, each below its limits, with a script that imports them in order: projects,
 * folders, then the workflows of each folder with their tags, tables and credential stubs. What packages cannot hold
 * is in `other/` as the snapshot has it.
 */
export class N8npFormat implements ExportFormat {
  readonly counts = new Map<string, number>();
  readonly notes: string[] = [];
  readonly #packages: PlacedPackage[] = [];
  readonly #tables = new Set<string>();

  async *files(run: ExportRun): AsyncGenerator<ExportedFile> {
    const model = await readSnapshotModel(plainView(run.snapshot), run.signal);
    yield* this.#places(run, model);
    for (const [place, workflows] of groupByPlace(model)) yield* this.#workflows(run, model, place, workflows);
    const missed = [...model['data-tables'].values()].filter(({ id }) => !this.#tables.has(id));
    if (missed.length > 0)
      this.notes.push(
        `${missed.length} data tables are in other/ alone: their projects have no workflow to carry them`,
      );
    yield* this.#others(run);
    yield ['import.sh', Buffer.from(importScript(this.#packages))];
    yield ['README.txt', Buffer.from(packagesReadme(run.snapshot, this.counts))];
  }

  /** Team projects, and the folders of each project, parents with their children. */
  async *#places(run: ExportRun, model: SnapshotModel): AsyncGenerator<ExportedFile> {
    const projects = [...model.projects.values()].filter((project) => !project.personal);
    if (projects.length > 0) {
      const content = { projects: projects.map(({ id, name }) => ({ id, name, details: {} })) };
      yield await this.#package(run, 'projects', content, { projectId: null, folderId: null });
    }
    const byProject = Map.groupBy(model.folders.values(), (folder) => folder.projectId);
    for (const [projectId, folders] of byProject) {
      const place = { projectId: targetProject(model, projectId), folderId: null };
      yield await this.#package(run, 'folders', { folders }, place);
    }
  }

  async *#workflows(
    run: ExportRun,
    model: SnapshotModel,
    place: Place,
    workflows: readonly WorkflowItem[],
  ): AsyncGenerator<ExportedFile> {
    const whole = new Map<WorkflowItem, PackagedWorkflow>();
    for (const workflow of workflows) {
      const packaged = toPackage(workflow);
      if (packaged.whole) whole.set(workflow, packaged);
      else yield this.#unpackable(workflow);
    }
    for (const batch of inBatches(whole, MAX_BYTES)) {
      const content = contentOf(model, batch, this.#tablesFor(model, place));
      yield await this.#package(run, 'workflows', content, place);
    }
  }

  /** Something that n8n's package format has no room for: by hand, or through n8n's command line. */
  #unpackable(workflow: WorkflowItem): ExportedFile {
    countOne(this.counts, 'workflows that packages cannot hold');
    return [`other/${workflowPath(workflow.name, workflow.id)}`, Buffer.from(canonicalJson(workflow.draft))];
  }

  /** The tables of a project ride with its first package. */
  #tablesFor(model: SnapshotModel, { projectId }: Place): NonNullable<PackageContent['tables']> {
    const tables = [...model['data-tables'].values()].filter(
      (table) => !this.#tables.has(table.id) && targetProject(model, table.projectId) === projectId,
    );
    for (const { id } of tables) this.#tables.add(id);
    // n8n refuses a column with anything but these two, such as the id that it has there.
    return tables.map(({ id, name, columns }) => ({
      id,
      name,
      columns: columns.map((column) => ({ name: column.name, type: column.type })),
    }));
  }

  async #package(run: ExportRun, what: string, content: PackageContent, place: Place): Promise<ExportedFile> {
    const number = String(this.#packages.length + 1).padStart(3, '0');
    const path = `packages/${number}-${what}.n8np`;
    this.#packages.push({ path, ...place });
    countOne(this.counts, 'packages');
    const add = (name: string, more: number): void => void this.counts.set(name, (this.counts.get(name) ?? 0) + more);
    for (const [name, items] of Object.entries(content) as [string, readonly unknown[]][]) add(name, items.length);
    run.progress(this.counts.get('workflows') ?? 0);
    return [path, await writePackage(datedEntries(run.snapshot, content))];
  }

  async *#others(run: ExportRun): AsyncGenerator<ExportedFile> {
    const paths = [...run.snapshot.files.keys()].filter(
      (path) => !['draft', 'published', 'credential'].includes(parsePath(path)?.role ?? ''),
    );
    for await (const [path, content] of readBatches(run, paths)) yield [`other/${path}`, content];
  }
}

function toPackage({ id, name, draft, tagIds }: WorkflowItem): PackagedWorkflow {
  const { nodes, connections, nodeGroups, settings } = draft;
  return packageWorkflow(
    { id, name, settings: isJsonObject(settings) ? settings : {}, tagIds: [...tagIds] },
    {
      nodes: objectsIn(nodes),
      connections: isJsonObject(connections) ? connections : {},
      nodeGroups: objectsIn(nodeGroups),
    },
  );
}

/** Who owns what in a personal project is the importing user: another server has other personal projects. */
function targetProject(model: SnapshotModel, id: string | null): string | null {
  return id !== null && model.projects.get(id)?.personal === false ? id : null;
}

function groupByPlace(model: SnapshotModel): [Place, WorkflowItem[]][] {
  const placeOf = ({ projectId, folderId }: WorkflowItem): Place => ({
    projectId: targetProject(model, projectId),
    folderId,
  });
  const groups = Map.groupBy(model.workflows.values(), (workflow) => JSON.stringify(placeOf(workflow)));
  return [...groups.values()].map((workflows) => [placeOf(workflows[0]!), workflows]);
}

/** The workflows with the tags that they carry and stubs of the credentials that they use. */
function contentOf(
  model: SnapshotModel,
  batch: ReadonlyMap<WorkflowItem, PackagedWorkflow>,
  tables: NonNullable<PackageContent['tables']>,
): PackageContent {
  const workflows = [...batch.keys()];
  const tagIds = new Set(workflows.flatMap(({ tagIds: own }) => own));
  const credentialIds = new Set(
    workflows.flatMap(({ draft }) =>
      findReferences(draft)
        .references.filter(({ kind, by }) => kind === 'credentials' && by === 'id')
        .map(({ id }) => id),
    ),
  );
  return {
    workflows: [...batch.values()],
    tags: [...model.tags.values()].filter(({ id }) => tagIds.has(id)),
    stubs: [...model.credentials.values()].filter(({ id }) => credentialIds.has(id)),
    tables,
  };
}

/** The manifest says where the package comes from, for people who open it. */
function datedEntries({ takenAt, header }: SnapshotView, content: PackageContent): PackageEntry[] {
  return buildPackage(content).map(([path, value]) => {
    if (path !== 'manifest.json' || !isJsonObject(value)) return [path, value];
    const told: JsonObject = { exportedAt: takenAt, sourceId: `flowkeep-${header.instance}` };
    if (header.n8nVersion !== null) told.sourceN8nVersion = header.n8nVersion;
    return [path, { ...value, ...told }];
  });
}
