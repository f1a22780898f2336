import type { JsonObject } from '../../lib/json/json.ts';
import {
  findReferences,
  type UnresolvableReference,
  type WorkflowReference,
} from '../../kinds/workflows/workflow-references.ts';
import type { SnapshotModel, WorkflowItem } from './model.ts';

/** What a workflow refers to in its draft, its live version, or both. */
export interface WorkflowReferences {
  readonly all: readonly WorkflowReference[];
  /** Ids of workflows that its live version calls: n8n requires them to be published first. */
  readonly calls: ReadonlySet<string>;
  readonly unresolvable: readonly UnresolvableReference[];
}

/** The references of a model's workflows, found once each. Those by name are given by id where the name is known. */
export class References {
  readonly #model: SnapshotModel;
  readonly #found = new Map<string, WorkflowReferences>();

  constructor(model: SnapshotModel) {
    this.#model = model;
  }

  of(workflow: WorkflowItem): WorkflowReferences {
    const known = this.#found.get(workflow.id);
    if (known) return known;
    const draft = findReferences(workflow.draft);
    const live = workflow.published ? findReferences(workflow.published) : draft;
    const all = [...draft.references, ...(live === draft ? [] : live.references)];
    const found: WorkflowReferences = {
      all: all.flatMap((reference) => this.#byId(reference, workflow)),
      calls: new Set(live.references.filter((r) => r.role === 'call' && r.id !== workflow.id).map((r) => r.id)),
      unresolvable: [...draft.unresolvable, ...(live === draft ? [] : live.unresolvable)],
    };
    this.#found.set(workflow.id, found);
    return found;
  }

  /** A table is named within its project, a credential (by very old workflows) anywhere. */
  #byId(reference: WorkflowReference, workflow: WorkflowItem): WorkflowReference[] {
    if (reference.by === 'id') return [reference];
    const named =
      reference.kind === 'data-tables'
        ? [...this.#model['data-tables'].values()].filter((table) => table.projectId === workflow.projectId)
        : [...this.#model.credentials.values()];
    const found = named.filter((item) => item.name === reference.id);
    return found.length === 1 ? [{ ...reference, id: found[0]!.id, by: 'id' }] : [];
  }
}

/** The version of a workflow that is live, or null. */
export function liveVersion(workflow: WorkflowItem): JsonObject | null {
  return workflow.active && !workflow.archived ? (workflow.published ?? workflow.draft) : null;
}
