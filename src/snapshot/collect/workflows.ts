import { pause } from '../../lib/pauses.ts';
import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { FlowkeepError } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { isN8nError } from '../../n8n/http/errors.ts';
import { listAll } from '../../n8n/list/paginate.ts';
import {
  detailsOf,
  NO_DETAILS,
  owningProject,
  parseWorkflow,
  readWorkflow,
  toStoredWorkflow,
  type StoredWorkflow,
  type Workflow,
  type WorkflowDetails,
} from '../../kinds/workflows/workflows.ts';
import { parseSnapshotFile } from '../format/damaged-file.ts';
import { formOf } from '../format/header.ts';
import { publishedPath, workflowPath, workflowStatePath } from '../format/paths.ts';
import { plainText } from '../treat/plain-text.ts';
import { toEntry } from '../readme/entry.ts';
import { encodeJson, putJson, type CollectContext, type WorkflowContent } from './context.ts';

/**
 * Reads every workflow. The listing has all but the description, which costs a request for each workflow; so it is
 * read only where the workflow's `updatedAt` is not that of the base (docs/internal/n8n-api-notes.md, Workflow
 * objects).
 */
export async function collectWorkflows(context: CollectContext): Promise<WorkflowContent> {
  const staged = new StagedWorkflows(context);
  const ids = await listAll(context.client, '/workflows', {
    signal: context.signal,
    confirm: 'evidence',
    check: (entry) => void parseWorkflow(entry),
    onPage: (page) => {
      const [first] = page;
      if (first) context.listed(parseWorkflow(first).id);
      return staged.addPage(page.map((entry) => parseWorkflow(entry)));
    },
    logger: context.logger,
  });
  await staged.settle();
  staged.keepOnly(new Set(ids));
  return { items: staged.owners.size, owners: staged.owners };
}

/** The workflows of the run so far. A page that comes again, because the listing moved, replaces what it brings. */
class StagedWorkflows {
  readonly owners = new Map<string, string | null>();
  readonly #context: CollectContext;
  readonly #paths = new Map<string, string[]>();
  readonly #tasks: Promise<unknown>[] = [];
  readonly #likely = [noDetails, importedDetails];

  constructor(context: CollectContext) {
    this.#context = context;
  }

  /**
   * Takes a page in. Details that only n8n has are read behind the listing's back, which keeps no more of the page
   * than ids; `settle` waits for them.
   */
  async addPage(page: readonly Workflow[]): Promise<void> {
    const unread = await this.#stagePage(page);
    const task = Promise.all(unread.map((id) => this.#readDetail(id)));
    // The caller of settle gets the error; until then it must not count as unhandled.
    task.catch(() => undefined);
    this.#tasks.push(task);
  }

  /** @throws whatever reading a page's details threw */
  async settle(): Promise<void> {
    await Promise.all(this.#tasks);
  }

  /** Returns the ids of the workflows whose details neither the base nor another run of this backup provided. */
  async #stagePage(page: readonly Workflow[]): Promise<string[]> {
    const unknown: Workflow[] = [];
    for (const workflow of page) {
      if (!(await this.#sameAsBase(workflow))) unknown.push(workflow);
    }
    const fromBase = await baseDetails(this.#context, unknown);
    const unread: string[] = [];
    for (const workflow of unknown) {
      await pause();
      const details = fromBase.get(workflow.id) ?? this.#knownDetails(workflow);
      if (details) this.#stage(workflow, toStoredWorkflow(workflow, details));
      else unread.push(workflow.id);
    }
    return unread;
  }

  /**
   * Whether the base holds exactly this workflow, assuming details that are common: its hash proves the assumption, so
   * that nothing has to be read.
   */
  async #sameAsBase(workflow: Workflow): Promise<boolean> {
    const { base } = this.#context;
    const path = workflowPath(workflow.name, workflow.id);
    if (!base?.files.has(path)) return false;
    for (const likely of this.#likely) {
      // Writing a large workflow in canonical form keeps the thread busy, and a page has up to 33 MB of them.
      await pause();
      const stored = toStoredWorkflow(workflow, likely(workflow));
      const draft = encodeJson(stored.draft);
      if (!base.matches(path, draft)) continue;
      this.#stage(workflow, stored, { draft, same: true });
      // What fits one workflow of an instance fits most of them: it is tried first on the next one.
      this.#likely.sort((a, b) => Number(b === likely) - Number(a === likely));
      return true;
    }
    return false;
  }

  #knownDetails(workflow: Workflow): WorkflowDetails | undefined {
    return this.#context.withoutDetails?.has(workflow.id) ? importedDetails(workflow) : undefined;
  }

  async #readDetail(id: string): Promise<void> {
    try {
      const workflow = await readWorkflow(this.#context.client, id, this.#context.signal);
      this.#stage(workflow, toStoredWorkflow(workflow, detailsOf(workflow)));
    } catch (error) {
      // Deleted since the listing: then it is not part of the instance any more.
      if (!isN8nError(error, 'not-found')) throw error;
      this.#remove(id);
    }
  }

  /** @param known the bytes of the draft, where they were made to be compared with the base */
  #stage(workflow: Workflow, stored: StoredWorkflow, known?: { draft: Uint8Array; same: boolean }): void {
    this.#remove(workflow.id);
    const { id, name } = workflow;
    const path = workflowPath(name, id);
    const paths = [path];
    this.#context.staged.put(path, known?.draft ?? encodeJson(stored.draft), name, known?.same);
    this.#context.staged.describe(toEntry(path, stored.draft, stored.published !== null));
    const putBeside = (beside: string, value: JsonObject): void => {
      putJson(this.#context, beside, value, name);
      paths.push(beside);
    };
    if (stored.published) putBeside(publishedPath(name, id), stored.published);
    if (stored.state) putBeside(workflowStatePath(id), stored.state);
    this.#paths.set(id, paths);
    this.owners.set(id, owningProject(workflow));
    this.#context.report('workflows', this.owners.size);
  }

  #remove(id: string): void {
    for (const path of this.#paths.get(id) ?? []) this.#context.staged.drop(path);
    this.#paths.delete(id);
    this.owners.delete(id);
  }

  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of [...this.owners.keys()]) if (!ids.has(id)) this.#remove(id);
  }
}

/** The details that the base has of workflows whose `updatedAt` did not move since. */
async function baseDetails(
  context: CollectContext,
  workflows: readonly Workflow[],
): Promise<Map<string, WorkflowDetails>> {
  const { base } = context;
  const found = new Map<string, WorkflowDetails>();
  if (!base) return found;
  const form = formOf(base.header.kinds.workflows);
  const byPath = new Map(workflows.map((workflow) => [workflowPath(workflow.name, workflow.id), workflow]));
  const stored = [...byPath.keys()].filter((path) => base.files.has(path));
  if (stored.length === 0) return found;
  try {
    for await (const [path, content] of base.readMany(stored, context.signal)) {
      await pause();
      const before = parseSnapshotFile(path, content, base.id);
      const now = byPath.get(path);
      if (!now || !isJsonObject(before) || before.updatedAt === undefined) continue;
      if (before.id !== now.id || before.updatedAt !== now.updatedAt) continue;
      const details = detailsOf(before);
      const { description } = details;
      // What the base's store keeps out is no value of n8n's.
      const told = typeof description === 'string' ? plainText(description, form) : description;
      if (told !== null || description === null) found.set(now.id, { ...details, description: told });
    }
  } catch (error) {
    // A damaged base saves no request, and must not cost the snapshot: the rest is read from n8n.
    if (!(error instanceof FlowkeepError) || error.exitCode !== EXIT.integrity) throw error;
    context.logger.warn({ code: error.code }, `the snapshot before is damaged: ${error.message}`);
  }
  return found;
}

function noDetails(): WorkflowDetails {
  return NO_DETAILS;
}

/** Of a workflow that a package brought, as a restore does, n8n notes its own id as its source. */
function importedDetails({ id }: Workflow): WorkflowDetails {
  return { ...NO_DETAILS, sourceWorkflowId: id };
}
